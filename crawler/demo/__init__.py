"""The demo portal: a small made-up district portal on loopback, for ``tangthu demo`` and the tests.

``with DemoPortal() as portal:`` serves "Cổng thông tin điện tử huyện Sông Ninh", about sixty articles in the
markup of Drupal 7, at ``portal.url``. It knows two days: on the second one article is quietly changed, one is
gone and two are new. ``expected`` says what extraction must give. The district, its people and its news are
invented; only its neighbours are real.
"""

from crawler.demo.expected import Expected, changed_path, expected, gone_path, new_paths
from crawler.demo.server import PORTAL_ID, DemoPortal, Hit

__all__ = ["PORTAL_ID", "DemoPortal", "Expected", "Hit", "changed_path", "expected", "gone_path", "new_paths"]
