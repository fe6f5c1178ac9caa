"""The languages of the hotline: code, own name, and every name by which people ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from babel.core import Locale

SOURCE = "en"


@dataclass(frozen=True)
class Language:
    """One language. `names` are what residents call it, in any language and spelling; `own_name` leads a menu."""

    code: str
    own_name: str
    names: tuple[str, ...]
    closest: str | None = None
    right_to_left: bool = False

    @property
    def locale(self) -> str:
        """The code as Babel writes it."""
        return self.code.replace("-", "_")

    @property
    def english_name(self) -> str:
        """What colleagues call the language."""
        return str(Locale.parse(self.locale).english_name)


# Names of languages are facts about the world, not wording: they are recognised in every language at once.
LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language(
            "en",
            "English",
            ("english", "ingles", "anglais", "angle", "英语", "英文", "yingwen", "английский", "inglis"),
        ),
        Language(
            "es",
            "Español",
            ("espanol", "spanish", "castellano", "espagnol", "panyol", "西班牙语", "西班牙文", "испанский", "esp"),
        ),
        Language(
            "zh-Hans",
            "中文 (简体)",
            (
                *("中文", "汉语", "普通话", "简体", "简体中文", "国语", "华语", "chinese", "mandarin", "chino"),
                *("zhongwen", "putonghua", "chinwa", "chinois", "китайский", "simplified chinese", "zh"),
            ),
        ),
        Language(
            "zh-Hant",
            "中文 (繁體)",
            (
                "繁體",
                "繁體中文",
                "正體中文",
                "漢語",
                "廣東話",
                "广东话",
                "粤语",
                "粵語",
                "cantonese",
                "traditional chinese",
                "fanti",
            ),
            closest="zh-Hans",
        ),
        Language(
            "ru", "Русский", ("русский", "по русски", "russian", "russkiy", "russky", "ruso", "russe", "ris", "俄语")
        ),
        Language("bn", "বাংলা", ("বাংলা", "বাঙালি", "bangla", "bengali", "bangali", "孟加拉语")),
        Language(
            "ht",
            "Kreyòl ayisyen",
            (
                "kreyol",
                "kreyol ayisyen",
                "creole",
                "haitian",
                "haitian creole",
                "criollo",
                "creol",
                "ayisyen",
                "海地语",
                "kreol",
            ),
        ),
        Language(
            "ko", "한국어", ("한국어", "한국말", "korean", "hangul", "coreano", "hanguk", "hangugeo", "韩语", "韩文")
        ),
        Language(
            "ar", "العربية", ("العربية", "عربي", "عربى", "arabic", "arabi", "arabe", "阿拉伯语"), right_to_left=True
        ),
        Language("ur", "اردو", ("اردو", "urdu", "乌尔都语"), right_to_left=True),
        Language("fr", "Français", ("francais", "french", "frances", "franse", "法语", "法文", "французский")),
        Language("pl", "Polski", ("polski", "polskie", "polish", "polaco", "po polsku", "波兰语", "польский")),
    )
}
