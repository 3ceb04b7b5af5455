"""Words around names, and words that are names and ordinary words, too.

The latter say nothing alone: colours, months, days, trades, virtues, plants, directions and words
of products, in the languages of the name dictionaries; folded (no accents, lower case). What little
words there are besides (`will`, `mit`, `les`) is told by spaCy's lists of stop words, which come
with Presidio.
"""

# ruff: noqa: SIM905 - a list of words reads best as text
from __future__ import annotations

import functools
import importlib

# Folded, as all words here. The dotted ones are titles only with their dot: HR is a department.
TITLES = frozenset(
    "mr mrs ms mx miss mister sir dr prof herr herrn frau fraulein senor senora mme mlle monsieur "
    "madame dott dottssa sig signor signora dhr mevr mevrouw meneer".split()
)
DOTTED_TITLES = frozenset("sr sra srta hr fr st don pan pani mw".split())
PARTICLES = frozenset(
    "von vom zu zum zur van der den de la las los del di da do dos des dal du le bin bint ben al "
    "el ter ten te af av e y".split()
)

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")

AMBIGUOUS = frozenset(
    """
    white black brown green gray grey gold golden silver blue red rose ruby amber violet scarlet
    jade ivory olive hazel indigo sienna crystal pearl opal coral weiss schwarz braun grun rot
    gelb blanc noir brun roux verde rossi bianco nero blanco bruin zwart wit groen january april
    may june july august spring summer autumn winter easter noel friday monday sunday mai juni
    juli marz sommer herbst mayo abril julio agosto domingo janvier avril north south east west
    hill hills lake river brook brooks field fields wood woods forest stone rock cliff ford
    bridge park parks mill mills church castle house hall home land lane street banks bank beach
    bay rivers waters wells pool marsh moor heath glen dale valley berg bach wald baker butler
    carpenter clerk cook farmer fisher gardner hunter page porter potter shepherd steward weaver
    archer barber barker bishop chandler chef coleman dean deacon duke earl king knight judge
    major marshall mayor noble pope prince princess queen sergeant scout sheriff squire tanner
    ward angel angels grace faith hope joy charity mercy patience prudence victory victor
    constant constance true truly star starr sky skye storm rain snow sunny dawn eve ocean wolf
    fox bear lion bird finch swan hawk robin drake crane falcon sparrow raven jay wren lark ash
    birch cherry daisy fern heather holly iris ivy laurel lily lotus poppy rosemary sage willow
    basil ginger clover flora blossom apple berry plum peach lemon olivia pepper mark marks
    bills buck chance chase chip clay colt dash dell drew gene grant guy jet max miles norm
    penny pierce rich rusty sterling sue tucker wade will woody bond bell ball best blank block
    bloom bolt book booker boots bow box boy brand bright broad brother buckle bull burns bush
    case cash chambers child childs clean close cloud cold cole cross cruise curry day days dear
    deal dollar door downs drum early ease eden ember english ever fair fine fire fish flag
    fleet flowers fort foster free freed freedom french friend frost gates gay gentry gift given
    good goods gore grand grave graves great gross ground guest hand hands harp hart hatch head
    heart helm high hood hook horn horne hurt jewel key keys kid kind kiss label law laws leader
    legacy legend light line link little living lock london long lord love loving lucky lunch
    man mars marvel master matt merit merry mild mile mint model moon more moss motion mountain
    music myth neat new news noon nova oak office order pace paige paint palace pass passion
    peace pick piper place plant plaza plus point post power powers precious price pride prime
    print proper pure purse quick race radio ransom raw ray read ready real reason regal reign
    render rest reward rice richest ring rise road roads robot roman root round royal royalty
    rule rush sail saint sale sales salt sand sands savage say school sea season self senior
    service shade shadow sharp sharpe shine ship shoe short silk simple single slate slaughter
    small smart solo song soul spark speed spice sports stack stage standard steel stock strange
    strong style success sugar sun support sweet swift table tall target task team teal temple
    test theme thorn tiger time timer tool top topaz town train travel treasure treat tree trial
    tribe trinity triumph trust truth turbo unique unity universal valentine value van vast vest
    vice view villa village vine vision volt wall walls war warm warren watch water watt wave
    way weeks welcome wild wind wine winner winters wise wish wonder word words work world worth
    young youth zone alba alta alto anal art arte axel beat casa code core data demo dev don
    echo elan era euro etoile fee flor forte gast geist gut hahn haupt heute herz himmel hof
    kaiser kanal karte kasse klein kraft krug kurz lang lange licht linde luna mar mare masse
    mode mond monat nacht nord ost paris piano plan porta punkt reich rein rio rund salz santa
    sanft schatz schein schnell schon serie sol sonne stark stein stern stolz sud system tag
    tanz teil tor total ultra vater video vida viel vita voll wein welle welt winkel wolke zahn
    zeit ziel zug alexa siri china india jordan chad georgia carolina virginia dakota austin
    dallas denver houston phoenix orlando florence sydney chelsea brooklyn lincoln washington
    victoria regina santiago lourdes asia africa america europa roma milan vienna lorraine
    brittany savannah cheyenne memphis chester lancaster null none admin user member manager
    owner editor author agent client customer
    """.split()
)


@functools.cache
def little_words() -> frozenset[str]:
    """Return the stop words of eight languages, as spaCy lists them."""
    lists = (importlib.import_module(f"spacy.lang.{code}.stop_words") for code in _LANGUAGES)
    return frozenset(word for each in lists for word in each.STOP_WORDS if word.isalpha())
