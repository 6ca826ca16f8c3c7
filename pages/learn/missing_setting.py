"""Learn › The missing setting: which setting makes a report's figures agree?"""

from pages.parts.missing_setting.page import missing_setting_page

missing_setting_page()
