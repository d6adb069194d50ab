"""The content-management systems whose pages can be read, by name."""

from __future__ import annotations

from crawler.platform import Platform

from .drupal7 import DRUPAL7

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (DRUPAL7,)}
