"""Plurals of kinds, equal to those that controller-gen forms.

controller-gen asks flect, a library of English plurals, whose answers are sometimes odd (`Price`
stays `price`); a CRD that moves from Go to Python must keep its name, so the answers are equal.
Whoever wants another plural says `plural=` in `@resource`.

The tables hold words and endings as `singular:plural`, with other plurals in use behind another
colon. `!` marks words that count only as a whole, `>` plurals that are singulars of other words.
"""

from __future__ import annotations

_WORDS = """
aircraft:aircraft beef:beef:beefs bison:bison blues:blues> chassis:chassis deer:deer
fish:fish:fishes moose:moose police:police salmon:salmon:salmons series:series sheep:sheep
shrimp:shrimp:shrimps species:species swine:swine:swines trout:trout:trouts tuna:tuna:tunas
you:you child:children ox:oxen! foot:feet goose:geese man:men human:humans louse:lice!
mouse:mice tooth:teeth woman:women die:dice! person:people adieu:adieux:adieus
fabliau:fabliaux bureau:bureaus:bureaux criterion:criteria ganglion:ganglia:ganglions
lexicon:lexica:lexicons mitochondrion:mitochondria:mitochondrions noumenon:noumena
phenomenon:phenomena taxon:taxa media:media medium:media:mediums> stadium:stadiums:stadia
aquarium:aquaria:aquariums auditorium:auditoria:auditoriums symposium:symposia:symposiums
curriculum:curriculums:curricula quota:quotas alumnus:alumni:alumnuses bacillus:bacilli
cactus:cacti:cactuses coccus:cocci focus:foci:focuses locus:loci:locuses
nucleus:nuclei:nucleuses octopus:octupuses:octopi radius:radii:radiuses syllabus:syllabi
corpus:corpora:corpuses genus:genera alumna:alumnae vertebra:vertebrae
differentia:differentiae minutia:minutiae vita:vitae larva:larvae postcava:postcavae
praecava:praecavae uva:uvae apex:apices:apexes codex:codices:codexes index:indices:indexes
latex:latices:latexes vertex:vertices:vertexes vortex:vortices:vortexes
appendix:appendices:appendixes radix:radices:radixes helix:helices:helixes axis:axes!
crisis:crises ellipsis:ellipses> genesis:geneses oasis:oases thesis:theses testis:testes
base:bases basis:bases> alias:aliases! vedalia:vedalias use:uses! abuse:abuses cause:causes
clause:clauses cruse:cruses excuse:excuses fuse:fuses house:houses misuse:misuses muse:muses
pause:pauses ache:aches topaz:topazes buffalo:buffaloes:buffalos potato:potatoes
tomato:tomatoes equipment:equipment information:information jeans:jeans money:money news:news
rice:rice dwarf:dwarfs:dwarves hoof:hoofs:hooves thief:thieves chive:chives hive:hives
move:moves movie:movies cookie:cookies pretorium:pretoriums agenda:agendas
formula:formulas:formulae shoe:shoes toe:toes! graffiti:graffiti ID:IDs!
"""

# The first ending that fits decides, be it the singular's or already the plural's.
_ENDINGS = """
tive:tives eaf:eaves oaf:oaves afe:aves arf:arves rfe:rves rf:rves lf:lves fe:ves ay:ays ey:eys
oy:oys quy:quies uy:uys y:ies eau:eaux bula:bulae dula:bulae lula:bulae nula:bulae vula:bulae
hedron:hedra ium:ia seum:seums eum:ea oum:oa stracum:straca dum:da elum:ela ilum:ila olum:ola
ulum:ula llum:lla ylum:yla imum:ima ernum:erna gnum:gna brum:bra crum:cra terum:tera serum:sera
trum:tra antum:anta atum:ata entum:enta etum:eta itum:ita otum:ota utum:uta ctum:cta ovum:ova
trix:trices iasis:iases mesis:meses kinesis:kineses resis:reses gnosis:gnoses opsis:opses
ysis:yses ouse:ouses lause:lauses us:uses ch:ches io:ios sh:shes ss:sses ez:ezzes iz:izzes
tz:tzes zz:zzes ano:anos lo:los to:tos oo:oos o:oes x:xes S:Ses
"""

# Words of capitals that end where the next capital begins, and that stand for themselves.
_ACRONYMS = """
ACK ACL ADSL AES ANSI API ARP ATM BGP BSS CCITT CHAP CIDR CIR CLI CMOS CPE CPU CRC CRT CSMA DCE
DEC DES DHCP DMI DNS DRAM DSL DSLAM DTE EHA EIA EIGRP EOF ESS FCC FCS FDDI FTP GBIC GEPOF HDLC
HTML HTTP HTTPS IANA ICMP ID IDF IDS IEEE IETF IMAP IP IPS ISDN ISP JSON JWT LACP LAN LAPB LAPF
LLC MAC MC MDF MIB MPLS MTU NAC NAT NBMA NIC NRZ NRZI NVRAM OK OSI OSPF OUI PAP PAT PC PCM PDU
PIM POP3 POTS PPP PPTP PTT PVST RAM RARP RCP RFC RIP RLL ROM RSTP RTP SDLC SFD SFP SLARP SLIP
SMTP SNA SNAP SNMP SOF SQL SRAM SSH SSID STP SYN TDM TFTP TIA TOFU UDP URI URL USB UTF8 UTP UUID
VC VLAN VLSM VPN W3C WAN WEP WPA WWW
"""


class _Tables:
    """The tables in the form in which they are looked up; made on first use."""

    def __init__(self) -> None:
        self.acronyms = frozenset(_ACRONYMS.split())
        self.plurals: dict[str, str] = {}
        self.known_plurals: set[str] = set()
        endings = [tuple(entry.split(":")) for entry in _ENDINGS.split()]
        for entry in _WORDS.split():
            singular, plural, *others = entry.rstrip("!>").split(":")
            self.plurals[singular] = plural
            if not entry.endswith(">"):
                self.known_plurals.update([plural, *others])
            if not entry.endswith("!"):
                endings.insert(0, (singular, plural))
        self.endings = tuple(endings)


_tables: list[_Tables] = []


def pluralize(kind: str) -> str:
    """The plural of a kind in lower case. Give the kind as it is written, as in `HostAlias`."""
    return _pluralize(kind).lower()


def _pluralize(kind: str) -> str:
    if not _tables:
        _tables.append(_Tables())
    tables = _tables[0]
    if kind in tables.plurals:
        return tables.plurals[kind]
    word = _last_word(kind, tables)
    lower = word.lower()
    if kind in tables.known_plurals or lower in tables.known_plurals:
        return kind
    if lower in tables.plurals:
        return kind.removesuffix(word) + tables.plurals[lower]
    for singular, plural in tables.endings:
        if word.endswith(plural):
            return kind.removesuffix(word) + word
        if word.endswith(singular):
            return kind.removesuffix(word) + word.removesuffix(singular) + plural
    return kind if lower.endswith("s") else kind + "s"


def _last_word(kind: str, tables: _Tables) -> str:
    """The last word of a name in CamelCase."""
    if kind.upper() in tables.acronyms and not kind.islower():
        return kind.upper()
    words = [""]
    for previous, letter in zip(" " + kind, kind, strict=False):
        starts = not previous.isupper() or words[-1].upper() in tables.acronyms
        if letter.isupper() and starts:
            words.append("")
        words[-1] += letter
    return words[-1]
