"""Which languages the name dictionary knows, and the words of a name that are no name.

The lists are fixed here, so that a Faker with more locales changes nothing by itself.
"""

# ruff: noqa: SIM905 - a list of words reads best as text
from __future__ import annotations

# Language -> Faker locales whose lists make it up, in the order in which ties are decided.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "en": ("en_US", "en_GB", "en_NZ", "en_IE"),
    "de": ("de_DE", "de_AT", "de_CH", "de_LI", "de_LU"),
    "es": ("es_ES", "es_MX", "es_AR", "es_CL", "es_CO"),
    "fr": ("fr_FR", "fr_BE", "fr_CA", "fr_CH"),
    "it": ("it_IT",),
    "pt": ("pt_BR", "pt_PT"),
    "nl": ("nl_NL", "nl_BE"),
    "pl": ("pl_PL",),
    "sv": ("sv_SE",),
    "da": ("da_DK",),
    "no": ("no_NO",),
    "fi": ("fi_FI",),
    "cs": ("cs_CZ",),
    "sk": ("sk_SK",),
    "sl": ("sl_SI",),
    "hr": ("hr_HR",),
    "hu": ("hu_HU",),
    "ro": ("ro_RO",),
    "tr": ("tr_TR",),
    "az": ("az_AZ",),
    "et": ("et_EE",),
    "lv": ("lv_LV",),
    "lt": ("lt_LT",),
    "ga": ("ga_IE",),
    "is": ("is_IS",),
    "vi": ("vi_VN",),
    "id": ("id_ID",),
    "uz": ("uz_UZ",),
    "fr_DZ": ("fr_DZ",),
    "en_IN": ("en_IN",),
    "en_PK": ("en_PK",),
    "en_KE": ("en_KE",),
    "zu": ("zu_ZA",),
    "yo": ("yo_NG",),
    "tw": ("tw_GH",),
    "ru": ("ru_RU",),
    "uk": ("uk_UA",),
    "bg": ("bg_BG",),
    "mk": ("mk_MK",),
    "el": ("el_GR",),
    "hy": ("hy_AM",),
    "ka": ("ka_GE",),
    "he": ("he_IL",),
    "ar": ("ar_SA", "ar_AA", "ar_PS", "ar_DZ"),
    "fa": ("fa_IR",),
    "hi": ("hi_IN",),
    "mr": ("mr_IN",),
    "ne": ("ne_NP",),
    "bn": ("bn_BD",),
    "gu": ("gu_IN",),
    "or": ("or_IN",),
    "si": ("si_LK",),
    "ta": ("ta_IN",),
    "th": ("th_TH",),
    "zh": ("zh_CN", "zh_TW"),
    "ja": ("ja_JP",),
    "ko": ("ko_KR",),
}

# Given names of every English-speaking country, 7,000 of them: they settle the role of a token
# that the lists above do not hold, and fill no pool.
MORE_GIVEN = "en"

# Words that stay, as token keys. Titles and suffixes stay anywhere, particles only before another
# token: `de` is a family name in Bengal. Words that are common names (`al`, `ben`, `don`, `du`,
# `le`) are names: better a particle lost than a name kept.
TITLES = frozenset(
    "dr dres prof mr mrs ms mx miss mister sir herr herrn frau fraulin hr fr sr sra srta "
    "senor senora mme mlle monsieur madame dott dottssa mag dipl ing mgr bc rev med phd md esq dds "
    "dvm cpa msc bsc mba llm jr sr ii iii iv jnr snr господин госпожа".split()
)
PARTICLES = frozenset(
    "von vom zu zum zur van der den de la las los del di da do dos des dal "
    "bin bint ter ten te af av und of the".split()
)

# Words of an address's local part that name a desk, not a person. They stay if nothing else is
# there: `sales@` stays, `ana.sales@` holds a family name.
DESKS = frozenset(
    "abuse accounting accounts admin administrator ar billing bookings booking buchhaltung bureau "
    "career careers compliance contact contacto contato customerservice datenschutz dispatch "
    "do donotreply einkauf enquiries events feedback finance found hello help helpdesk hilfe "
    "hostmaster hr info information infos inquiries invoice invoices it jobs karriere kontakt "
    "kundenservice legal mail mailer marketing media news newsletter no noreply not notifications "
    "office orders personal postmaster presse privacy procurement purchasing rechnung redaktion "
    "reply root sales security service shop support sysadmin team tech techsupport test user "
    "ventas verkauf vertrieb web webmaster".split()
)
