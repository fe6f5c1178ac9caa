"""The languages of the hotline: code, own name, and every name by which people ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from babel import localedata
from babel.core import Locale

SOURCE = "en"


@dataclass(frozen=True)
class Language:
    """One language. `own_name` leads a menu; `names` are what residents call it beside its name in each language.

    `cldr` are its codes in the Unicode locale data, where those names stand.
    """

    code: str
    own_name: str
    names: tuple[str, ...]
    closest: str | None = None
    right_to_left: bool = False
    cldr: tuple[str, ...] = ()

    @property
    def locale(self) -> str:
        """The code as Babel writes it."""
        return self.code.replace("-", "_")

    def every_name(self) -> Iterator[str]:
        """What the language is called in all the hotline's languages and spellings."""
        yield self.own_name
        yield from self.names
        for code in self.cldr or (self.locale,):
            yield from names_of(code)

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
            (
                "english",
                "ingles",
                "anglais",
                "angle",
                "英语",
                "英文",
                "yingwen",
                "inglis",
                "по английски",
                "po angielsku",
                "ইংলিশ",
                "انگلش",
                "إنجليزي",
                "inglizi",
            ),
        ),
        Language(
            "es",
            "Español",
            (
                "espanol",
                "spanish",
                "castellano",
                "espagnol",
                "panyol",
                "西班牙语",
                "西班牙文",
                "esp",
                "по испански",
                "إسباني",
                "ہسپانوی زبان",
            ),
        ),
        Language(
            "zh-Hans",
            "中文 (简体)",
            (
                *("中文", "汉语", "普通话", "简体", "简体中文", "国语", "华语", "chinese", "mandarin", "chino"),
                *(
                    "zhongwen",
                    "putonghua",
                    "chinwa",
                    "chinois",
                    "simplified chinese",
                    "zh",
                    "по китайски",
                    "চাইনিজ",
                    "صيني",
                    "چینی",
                ),
            ),
            cldr=("zh_Hans", "zh"),
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
            "ru",
            "Русский",
            ("русский", "по русски", "russian", "russkiy", "russky", "ris", "po russki", "روسي", "রাশিয়ান"),
        ),
        Language("bn", "বাংলা", ("বাঙালি", "bangla", "bengali", "bangali", "بنگالی", "بنغالي", "по бенгальски")),
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
                "креольский",
                "kreolski",
                "아이티 크레올어",
                "ক্রেওল",
                "كريول",
                "کریول",
            ),
        ),
        Language(
            "ko",
            "한국어",
            ("한국어", "한국말", "korean", "hangul", "coreano", "hanguk", "hangugeo", "韩文", "كوري", "по корейски"),
        ),
        Language(
            "ar", "العربية", ("العربية", "عربي", "عربى", "arabic", "arabi", "عربية", "по арабски"), right_to_left=True
        ),
        Language("ur", "اردو", ("urdu", "ourdou", "на урду"), right_to_left=True),
        Language("fr", "Français", ("francais", "french", "frances", "franse", "法文", "по французски", "فرنسي")),
        Language("pl", "Polski", ("polski", "polskie", "polish", "polaco", "po polsku", "по польски", "بولندي")),
    )
}
# What else many people speak here; who asks for one of these by name is told whom to call. Codes of the Unicode
# locale data.
OTHERS_IN_NEW_YORK = (
    *(
        "pt",
        "it",
        "de",
        "hi",
        "pa",
        "gu",
        "ta",
        "te",
        "ne",
        "fil",
        "tl",
        "vi",
        "th",
        "my",
        "bo",
        "uz",
        "ky",
        "kk",
        "tg",
    ),
    *("fa", "ps", "ku", "tr", "he", "yi", "uk", "be", "sq", "sr", "hr", "bs", "mk", "bg", "el", "hu", "ro", "cs", "ja"),
    *("id", "ms", "sw", "am", "ti", "so", "wo", "ff", "bm", "ha", "yo", "ig", "ak", "ln", "quc", "nah", "qu", "ka"),
    *("hy", "az", "mn", "si", "km", "lo", "ga", "nan", "hak", "wuu"),
)


def names_of(code: str) -> Iterator[str]:
    """What a language is called in all the hotline's languages and in itself."""
    for language in LANGUAGES.values():
        yield str(Locale.parse(language.locale).languages.get(code, ""))
    if localedata.exists(code):
        yield str(Locale.parse(code).get_display_name())
