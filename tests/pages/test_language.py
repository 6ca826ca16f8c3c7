"""The Spanish of the lab is that of the course in Córdoba: one word a term, none of another country.

Whom a text speaks to is left open (*elegir*, not *elige* or *elegí*), so that no reader is addressed wrongly.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.parts.base import i18n

# What the English says, what the Spanish must then say, and what it must not.
TERMS = [
    (r"accurac(y|ies)", r"exactitud|acierta", r"precisi[oó]n"),
    (r"\bruns?\b", r"", r"\b(un|este|ese|cada|tu|los|tus|estos|esos) entrenamientos?\b"),
    (r"standard deviation", r"desviación estándar", r"típica"),
    (r"\bspread\b", r"dispersión", r"variación"),
    (r"learning rate", r"tasa", r"velocidad"),
    (r"\bbatch(es)?\b", r"lotes?", r"batch|tanda"),
    (r"overfit", r"sobreajust", r"overfit|(?<!se )sobreajustan?\b"),
    (r"momentum", r"momento", r"momentum"),
    (r"feed-forward", r"feed-forward", r"prealimentad"),
    (r"\bworkers?\b", r"proceso|--workers", r"proceso de trabajo|trabajador"),
    (r"\ba spec\b|’s spec\b", r"especificación", r"\bspec\b"),
    (r"\bpullovers?\b", r"pullovers?", r"su[eé]ter"),
    (r"\bcoat\b", r"campera", r"abrigo"),
    (r"ankle boot", r"bota\b", r"botín"),
    (r"hidden sizes?", r"capas? ocultas?|tamaño", r"tamaños? ocultos?"),
    (r"input scaling", r"escala", r"escalado"),
]
# Commands to *tú* or *vos*, which open a sentence; where one of them is also a statement, with what follows.
COMMANDS = (
    r"Elige|Elegí|Usa|Usá|Escribe|Escribí|Prueba (otr|un|de)|Empieza (de|con)|Arrastra|Haz|Hacé|Pulsa|Pon"
    r"|Mira (los|cómo)|Quita|Borra|Abre|Indica|Revisa|Comprueba|Cambia|Inténta\w*|Vuelve|Reanuda|Ramifica"
    r"|Recarga|Marca|Construye|Enseña|Entrena (tu|redes|uno|de)|Instala|Consulta"
)
PERSONS = r"puedes|podés|tienes|tenés|quieres|querés|debes|debés|eres|sos|tú|vos|contigo|vosotr\w+|vuestr\w+"
PENINSULAR = r"aquí|pulsa\w*|clicar|clickear|cliquear|ordenador|deprisa|fichero\w*|has (dado|elegido|escrito)"
# The verbs of *vos* end so; what else does is listed.
VOS = r"\w+(?:[áéí]s)"
NO_VERBS = "además|después|detrás|atrás|inglés|través|más|demás|jamás|quizás|interés|revés|país"
POINT = r"(?<![\w:/.-])\d+\.\d|\d,\d+, \d+,\d"
FORBIDDEN = re.compile(
    rf"(^|[.:;!?] |\*\*|\) )({COMMANDS})\b|\b({PERSONS}|{PENINSULAR})\b|{POINT}|[“”]", re.IGNORECASE
)
VOSEO = re.compile(rf"\b(?!(?:{NO_VERBS})\b){VOS}\b", re.IGNORECASE)
GROUPLESS = re.compile(r"(?<![\w.,/-])[1-9]\d{3,}\b")  # "2048" for 2 048; a year stands so in English as well
BLANK = re.compile(r"\{[^}]*\}")
GARMENTS = {
    "T-shirt/top": "Camiseta",
    "Trouser": "Pantalón",
    "Pullover": "Pullover",
    "Dress": "Vestido",
    "Coat": "Campera",
    "Sandal": "Sandalia",
    "Shirt": "Camisa",
    "Sneaker": "Zapatilla",
    "Bag": "Bolso",
    "Ankle boot": "Bota",
}
AS_LISTED = {
    "Start the sweep": "Iniciar barrido",
    "Start the race": "Iniciar carrera",
    "Train these settings myself": "Entrenar mi copia",
    "Input scaling": "Escala de la entrada",
    "All label counts": "Todas las cantidades de etiquetas",
    "PCA with as many components": "PCA con igual cantidad de componentes",
    "Some classes are brighter": "Algunas clases son más claras",
    "starts at once": "empieza enseguida",
    "Accuracy": "Exactitud",
    "Runs": "Corridas",
    "Training": "Entrenando",
    "Standard deviation": "Desviación estándar",
    "Spread": "Dispersión",
}


# After a number these must be able to be one, too.
COUNTED = (
    r"capas|corridas|épocas|semillas|imágenes|lotes|números|componentes|etiquetas|valores|archivos|caracteres"
    r"|partes|prendas|barridos|carreras|parámetros|núcleos|personas|clases|unidades|líneas|fotogramas|procesos|mapas|sorteos"
    r"|elegid[ao]s"
)
SEVERAL = re.compile(rf"\{{[^}}]*\}}\**(?: \w+)? ({COUNTED})\b")
# What English says where the number cannot be one: a limit or a figure of ours, a size that has a least.
NEVER_ONE = (
    "{n:,}** parameters",
    "{count:,} parameters",
    "+{n} epochs",
    "{n} epochs",  # of a recipe
    "Over {epochs} epochs",  # of a model that came with the lab
    "{train} training images",
    "{all:,} images",
    "{all} test images",
    "{all} garments",
    "{images:,} images",
    "{test:,}** images",
    "{most:,} images",
    "{asked:,} training and validation images",
    "{n:,} images",
    "{n:,} training images",
    "{all:,} garments",
    "{all} parts",
    "{all} files",
    "{n} seeds",
    "{seeds} seeds",
    "{needed} runs",
    "{most} runs",
    "{most} sweeps",
    "{runs:,} runs",
    "{n} numbers",  # 8 or 64
    "{numbers} numbers",  # ten scores or 784 pixels a garment
    "{n} training garments",  # 512
    "{n} test garments",  # of a map, at least a thousand
    "{count} garments",
    "{n:,} characters",
    "{n:,} labels",
    "{counts} labels",
    "{given} values",
    "the other {n} maps",  # there are sixteen, or more
)


def messages() -> Iterator[tuple[str, str]]:
    for message in i18n.read_catalogue(i18n.catalogue_path("es"), "es"):
        if message.id:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            yield from zip(ids, (BLANK.sub("{}", text) for text in strings), strict=True)


@pytest.mark.parametrize(("english", "spanish", "wrong"), TERMS)
def test_one_term_has_one_translation(english: str, spanish: str, wrong: str):
    said = [
        (one, other) for one, other in messages() if re.search(english, BLANK.sub("{}", one), re.IGNORECASE)
    ]
    assert said
    for original, translation in said:
        assert re.search(spanish, translation, re.IGNORECASE), original
        if "«precisión»" not in translation:  # there it is quoted
            assert not re.search(wrong, translation, re.IGNORECASE), original


def test_where_there_can_be_one_there_is_a_word_for_one():
    """The number that no text expects: *1 capas ocultas*."""
    without_singular = [
        message.id
        for message in i18n.read_catalogue(i18n.catalogue_path("es"), "es")
        if isinstance(message.string, str) and SEVERAL.search(message.string)
    ]
    assert [text for text in without_singular if not any(words in text for words in NEVER_ONE)] == []
    assert [words for words in NEVER_ONE if not any(words in text for text in without_singular)] == []


def test_one_is_not_said_as_several():
    plurals = [m for m in i18n.read_catalogue(i18n.catalogue_path("es"), "es") if isinstance(m.string, tuple)]
    assert len(plurals) > 20
    assert [m.string[0] for m in plurals if SEVERAL.search(m.string[0])] == []


def test_no_forbidden_form_is_in_the_catalogue():
    assert [(match[0], text) for _english, text in messages() if (match := FORBIDDEN.search(text))] == []


def test_no_verb_is_said_to_vos():
    assert [(match[0], text) for _english, text in messages() if (match := VOSEO.search(text))] == []


@pytest.mark.parametrize("text", ["las prendas que respondés", "hasta que salís", "si tomás otra"])
def test_verbs_of_vos_are_found(text: str):
    assert VOSEO.search(text)


def test_large_numbers_are_grouped():
    wrong = [
        (number, text)
        for english, text in messages()
        for number in GROUPLESS.findall(text)
        if number not in english
    ]
    assert wrong == []


def test_the_word_for_a_run_that_trains_names_nothing_else():
    """*Entrenando* is no name for a curve or a column."""
    root = Path(__file__).parents[2]
    sources = [*(root / "pages").rglob("*.py"), *(root / "fmnist_core").rglob("*.py")]
    said = [path.name for path in sources if re.search(r"(_|Sentence)\(\"Training\"\)", path.read_text())]
    assert said == ["status.py"]


@pytest.mark.parametrize(
    "text",
    [
        "Elige un color.",
        "Aquí puedes mirar",
        "Va a aparecer aquí.",
        "Pulsa Entrenar",
        "un error de 0.02",
        "0,1, 0,2 y 0,5",
        "Mal. Haz otra cosa.",
        "No hay “otra”.",
    ],
)
def test_forbidden_forms_are_found(text: str):
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize(
    "text", ["Mira una prenda y dice qué es.", "0,02 y C1.", "Se elige otra.", "{n:.1f}"]
)
def test_other_forms_are_not(text: str):
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize(("english", "spanish"), [*GARMENTS.items(), *AS_LISTED.items()])
def test_words_that_the_course_uses(english: str, spanish: str):
    assert i18n.phrase(english, "es") == spanish


@pytest.mark.parametrize(
    ("short", "spelt_out"),
    [
        ("ECM", r"[Ee]rror cuadrático medio \(ECM\)"),
        ("PCA", r"componentes principales \(PCA\)"),
        ("SGD", r"SGD \(descenso de gradiente estocástico\)"),
        ("recall", r"[Ee]xhaustividad \(recall\)"),
        ("n", r"n es el tamaño de la capa oculta"),
        ("p", r"p, el dropout"),
    ],
)
def test_what_is_short_is_spelt_out_somewhere(short: str, spelt_out: str):
    texts = [text for _english, text in messages()]
    assert any(re.search(rf"\b{short}\b", text) for text in texts)
    assert any(re.search(spelt_out, text) for text in texts)


def test_the_reports_word_for_accuracy_is_explained_just_once():
    assert len([text for english, text in messages() if "«precisión»" in text]) == 1
    others = [one for one, text in messages() if "precisi" in text.lower() and "recision" not in one.lower()]
    assert len(others) == 1
