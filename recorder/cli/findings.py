"""What `recorder doctor` and `recorder selftest` find, printed as it is found."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from recorder.cli.printing import Column, print_objects
from recorder.service.checkup.finding import Finding

COLUMNS = (Column("state"), Column("check"), Column("detail"), Column("advice"))


def tell(findings: Iterable[Finding], *, as_json: bool) -> Counter[str]:
    """Print them as they come; how many there were of each state."""
    count: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, str]]:
        for finding in findings:
            count[finding.state] += 1
            yield asdict(finding)

    print_objects(rows(), COLUMNS, as_json=as_json)
    return count
