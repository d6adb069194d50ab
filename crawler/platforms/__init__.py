"""The content-management systems whose pages can be read, by name."""

from __future__ import annotations

from crawler.platform import Platform

from .dnn import DNN
from .drupal7 import DRUPAL7
from .joomla import JOOMLA
from .liferay import LIFERAY
from .nukeviet import NUKEVIET
from .sharepoint import SHAREPOINT
from .vnpt import VNPT
from .wordpress import WORDPRESS

PLATFORMS: dict[str, Platform] = {
    platform.name: platform for platform in (DRUPAL7, NUKEVIET, VNPT, SHAREPOINT, LIFERAY, DNN, WORDPRESS, JOOMLA)
}
