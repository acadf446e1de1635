"""The style sheet: what Streamlit has no widget for, in the colours of `apps.look`.

One block per part of a page, in the order of the page: frame, head, filters, key figures, tables,
states, foot, lineage. Narrow pages (640 px and less) are told apart at the end of each block.
"""

from apps.look import Colour

_INK, _PAPER, _ACCENT = Colour.INK.value, Colour.PAPER.value, Colour.ACCENT.value
_REST, _RULE, _WASH = Colour.REST.value, Colour.RULE.value, Colour.WASH.value
_SERIF = '"Source Serif", "Source Serif 4", Georgia, serif'
_CODE = '"Source Code", "Source Code Pro", ui-monospace, monospace'


def sheet() -> str:
    """Return the whole style sheet."""
    return "\n".join((_FRAME, _HEAD, _FILTERS, _FIGURES, _TABLES, _STATES, _FOOT, _LINEAGE))


_FRAME = f"""
.stMainBlockContainer {{ max-width: 1120px; padding: 2.6rem 2.5rem 3rem; }}
[data-testid="stMain"] {{ scrollbar-gutter: stable; }}
[data-testid="stHeader"] {{ background: transparent; }}
[data-testid="stElementToolbar"] {{ display: none; }}
[data-testid="stSidebarNav"] a span {{ font-size: .95rem; }}
[data-testid="stNavSectionHeader"] {{ font-size: .72rem; letter-spacing: .07em;
  text-transform: uppercase; color: {_REST}; font-weight: 600; }}
[data-testid="stSidebarNavLink"][aria-current="page"] span {{ font-weight: 650; color: {_ACCENT}; }}
[data-testid="stCaptionContainer"] {{ color: {_REST}; opacity: 1; }}
[data-testid="stCaptionContainer"] p {{ color: {_REST}; opacity: 1; }}
.st-key-onwards {{ border-top: 1px solid {_RULE}; padding-top: .5rem; margin-top: .6rem; }}
.st-key-onwards a {{ padding-left: 0; }}
.st-key-onwards a p, .st-key-onwards a span {{ color: {_ACCENT}; font-weight: 600; }}
a:focus-visible, summary:focus-visible {{ outline: 2px solid {_ACCENT}; outline-offset: 2px;
  border-radius: 2px; }}
@media (max-width: 640px) {{
  .stMainBlockContainer {{ padding: 4.2rem 1rem 2.5rem; }}
}}
@media (prefers-reduced-motion: reduce) {{ * {{ animation: none !important;
  transition: none !important; }} }}
"""
_HEAD = f"""
.stMainBlockContainer h1 {{ font-family: {_SERIF}; font-weight: 600; letter-spacing: -.012em;
  padding: 0 0 .2rem; text-wrap: balance; }}
.stMainBlockContainer h3 {{ padding: 1.1rem 0 .2rem; }}
.ifp-answer {{ font-size: 1.14rem; line-height: 1.58; max-width: 60rem; margin: 0 0 .3rem;
  text-wrap: pretty; }}
.ifp-answer b {{ font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.ifp-answer b.long {{ white-space: normal; }}
.ifp-says {{ color: {_REST}; margin: 0; max-width: 52rem; font-size: .95rem; line-height: 1.5; }}
.ifp-nb {{ white-space: nowrap; font-variant-numeric: tabular-nums; }}
abbr.ifp-term {{ text-decoration: underline dotted {_REST}; text-underline-offset: 3px;
  cursor: help; }}
@media (max-width: 640px) {{
  .stMainBlockContainer h1 {{ font-size: 1.62rem; }}
  .ifp-answer {{ font-size: 1.05rem; line-height: 1.5; }}
}}
"""
_FILTERS = f"""
[class*="st-key-filters-"] {{ border-top: 1px solid {_RULE}; border-bottom: 1px solid {_RULE};
  padding: .55rem 0 .7rem; }}
[class*="st-key-filters-"] > div {{ min-width: 150px; max-width: 260px; flex: 1 1 150px; }}
[class*="st-key-filters-"] label p {{ color: {_REST}; font-size: .84rem; }}
@media (max-width: 640px) {{
  [class*="st-key-filters-"] > div {{ max-width: none; flex-basis: calc(50% - .5rem);
    min-width: 130px; }}
}}
"""
_FIGURES = f"""
.ifp-figures {{ display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0 1.8rem;
  margin: .5rem 0 .2rem !important; padding: 0 !important; }}
.ifp-figure {{ border-top: 2px solid {_INK}; padding: .5rem 0 .4rem; margin: 0 !important; }}
.ifp-figure dt {{ color: {_REST}; font-size: .88rem; font-weight: 500; }}
.ifp-figure dt a {{ color: {_ACCENT}; }}
.ifp-figure dt, .ifp-figure dd {{ margin: 0 !important; padding: 0; }}
.ifp-figure .v {{ font-size: 2.05rem; line-height: 1.25; font-weight: 600;
  font-variant-numeric: tabular-nums lining-nums; letter-spacing: -.015em; white-space: nowrap; }}
.ifp-figure .v .u {{ font-size: .52em; font-weight: 500; color: {_REST}; letter-spacing: 0; }}
.ifp-figure .w {{ color: {_REST}; font-size: .84rem; line-height: 1.4; text-wrap: pretty;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
.ifp-figure.attention {{ border-color: {Colour.ATTENTION.value}; }}
.ifp-figure.attention .v {{ color: #8A3F06; }}
.ifp-figure.act {{ border-color: {Colour.ACT_NOW.value}; }}
.ifp-figure.act .v {{ color: #8F1515; }}
@media (max-width: 900px) {{
  .ifp-figures {{ grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem 1.2rem; }}
  .ifp-figure .v {{ font-size: 1.7rem; }}
}}
"""
_TABLES = f"""
.ifp-scroll {{ overflow-x: auto; max-width: 100%; }}
.ifp-scroll:focus-visible {{ outline: 2px solid {_ACCENT}; outline-offset: 2px; }}
.ifp-table {{ border-collapse: collapse; width: 100%; font-size: .94rem; }}
.ifp-table caption {{ text-align: left; color: {_REST}; padding: 0 0 .4rem; font-size: .88rem; }}
.ifp-table th {{ text-align: left; font-weight: 600; font-size: .84rem; color: {_REST};
  border-bottom: 1px solid {_REST}; padding: .35rem .7rem; white-space: nowrap;
  vertical-align: bottom; }}
.ifp-table td {{ border-bottom: 1px solid {_RULE}; padding: .42rem .7rem; vertical-align: top;
  line-height: 1.45; }}
.ifp-table tbody tr:hover td {{ background: {_WASH}; }}
.ifp-table .n {{ text-align: right; font-variant-numeric: tabular-nums lining-nums;
  white-space: nowrap; }}
.ifp-table td.c {{ overflow-wrap: anywhere; font-family: {_CODE}; font-size: .86em; }}
.ifp-table tr.total td {{ font-weight: 650; border-bottom: none; border-top: 1px solid {_REST}; }}
.ifp-table th:first-child, .ifp-table td:first-child {{ padding-left: 0; }}
.ifp-table th:last-child, .ifp-table td:last-child {{ padding-right: .2rem; }}
.ifp-table a {{ color: {_ACCENT}; text-decoration: underline; text-underline-offset: 2px;
  text-decoration-thickness: 1px; }}
.ifp-table td:first-child a {{ white-space: nowrap; }}
.ifp-bar {{ display: inline-block; height: 6px; width: 3.6rem; margin-right: .6rem;
  background: {_RULE}; border-radius: 2px; vertical-align: middle; }}
.ifp-bar i {{ display: block; height: 6px; background: {_ACCENT}; border-radius: 2px;
  min-width: 1px; }}
.ifp-mark {{ display: inline-block; border-radius: 3px; padding: 0 .45rem; font-size: .86rem;
  font-weight: 600; white-space: nowrap; line-height: 1.5; }}
.ifp-mark.good {{ background: #DCEEEA; color: #0B5A54; }}
.ifp-mark.attention {{ background: #F8E7D3; color: #8A3F06; }}
.ifp-mark.act {{ background: #F7DADA; color: #8F1515; }}
.ifp-mark.rest {{ background: #E9EBEE; color: #475569; }}
@media (max-width: 640px) {{
  .ifp-table {{ font-size: .88rem; }}
  .ifp-table td:first-child:not(.n) {{ min-width: 8.2rem; }}
  .ifp-table th, .ifp-table td {{ padding-left: .45rem; padding-right: .45rem; }}
  .ifp-table .x, .ifp-bar {{ display: none; }}
}}
"""
_STATES = f"""
.ifp-note {{ border-left: 3px solid {_REST}; padding: .2rem 0 .2rem .9rem; max-width: 52rem;
  margin: .4rem 0;
  overflow-wrap: anywhere; }}
.ifp-note.good {{ border-color: {_ACCENT}; }}
.ifp-note.attention {{ border-color: {Colour.ATTENTION.value}; }}
.ifp-note.act {{ border-color: {Colour.ACT_NOW.value}; }}
.ifp-empty {{ border: 1px dashed #C9C4B6; border-radius: 4px; padding: 1rem 1.2rem;
  max-width: 52rem; overflow-wrap: anywhere; }}
.ifp-note p, .ifp-empty p {{ margin: .15rem 0; line-height: 1.5; }}
.ifp-note b, .ifp-empty b {{ font-weight: 650; }}
.ifp-empty code {{ font-family: {_CODE}; font-size: .9em; background: {_WASH};
  border: 1px solid {_RULE}; border-radius: 3px; padding: .05rem .35rem; }}
.ifp-code {{ font-family: {_CODE}; font-size: .86rem; overflow-wrap: anywhere; }}
pre.ifp-code {{ white-space: pre-wrap; background: {_WASH}; border: 1px solid {_RULE};
  border-radius: 4px; padding: .8rem 1rem; margin: .3rem 0; line-height: 1.55; }}
[class*="st-key-text-"] textarea {{ font-family: {_CODE}; font-size: .86rem; line-height: 1.5; }}
"""
_FOOT = f"""
.ifp-footer {{ border-top: 1px solid {_RULE}; color: {_REST}; font-size: .84rem;
  padding-top: .6rem; margin-top: 1.6rem; line-height: 1.6; overflow-wrap: anywhere; }}
.ifp-footer a {{ color: {_ACCENT}; }}
"""
_LINEAGE = f"""
.ifp-lineage-wide img {{ width: 100%; height: auto; display: block; }}
.ifp-lineage-narrow {{ display: none; }}
.ifp-lineage-narrow ol {{ list-style: none; margin: 0; padding: 0; }}
.ifp-lineage-narrow li {{ border-left: 2px solid {_ACCENT}; padding: .1rem 0 .9rem 1rem;
  margin-left: .4rem; position: relative; }}
.ifp-lineage-narrow li::before {{ content: ""; position: absolute; left: -7px; top: .35rem;
  width: 12px; height: 12px; border-radius: 50%; background: {_ACCENT}; }}
.ifp-lineage-narrow li.announced::before {{ background: {_PAPER};
  box-shadow: inset 0 0 0 2px {_ACCENT}; }}
.ifp-lineage-narrow li.unproven::before {{ background: {_PAPER};
  box-shadow: inset 0 0 0 2px {_REST}; }}
.ifp-lineage-narrow h4 {{ margin: 0; padding: 0; font-size: 1rem; }}
.ifp-lineage-narrow p {{ margin: 0; color: {_REST}; font-size: .88rem; }}
@media (max-width: 900px) {{
  .ifp-lineage-wide {{ display: none; }}
  .ifp-lineage-narrow {{ display: block; }}
}}
"""
