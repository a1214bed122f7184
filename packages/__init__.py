"""Building what is installed: `make deb`, `make wheels`, and `make test-deb` that tries the Debian package out."""
