"""The style sheet of an assessment's page, in the colours of :mod:`apps.look`."""

from __future__ import annotations

from apps.look import Colour

STYLE = f"""
*{{box-sizing:border-box}}
html{{color-scheme:light}}
body{{margin:0;background:{Colour.PAPER.value};color:{Colour.INK.value};
  font:16px/1.5 "Source Sans 3","Source Sans Pro",system-ui,-apple-system,"Segoe UI",Roboto,
  "Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}}
nav a{{display:inline-block}}
main{{max-width:1120px;margin:0 auto;padding:40px 28px 56px}}
h1{{font-size:2rem;line-height:1.2;margin:.1rem 0 .8rem;letter-spacing:-.01em}}
h2.currency{{font-size:1.5rem;margin:2.6rem 0 .6rem;border-bottom:2px solid {Colour.INK.value}}}
h3{{font-size:1.25rem;line-height:1.3;margin:0 0 .4rem}}
a{{color:{Colour.ACCENT.value}}}
.eyebrow{{color:{Colour.REST.value};margin:0;font-size:.95rem}}
.answer{{font-size:1.1rem;max-width:64rem;margin:0 0 .7rem;overflow-wrap:anywhere}}
.quiet,.notes,nav,footer,figcaption{{color:{Colour.REST.value};font-size:.92rem}}
.quiet{{margin:.3rem 0}}
.notes{{margin:.2rem 0 1.2rem;padding-left:1.1rem}}
.mark{{border-left:3px solid {Colour.ATTENTION.value};padding:.2rem 0 .2rem .8rem;margin:.6rem 0}}
.mark a{{color:{Colour.ATTENTION.value}}}
.mark.act{{border-color:{Colour.ACT_NOW.value};color:{Colour.ACT_NOW.value};font-weight:600}}
.figures{{display:grid;grid-template-columns:repeat(4,1fr);gap:1rem 1.6rem;margin:1.4rem 0 1.2rem;
  padding:1rem 0;border-top:1px solid {Colour.RULE.value};
  border-bottom:1px solid {Colour.RULE.value}}}
.figures dt{{color:{Colour.REST.value};font-size:.92rem}}
.figures dd{{margin:0;font-size:1.7rem;line-height:1.25;white-space:nowrap}}
.figures small{{display:block;font-size:.9rem;color:{Colour.REST.value}}}
.steps{{margin:0 0 1.2rem}}
.step{{display:grid;grid-template-columns:8rem 1fr 8rem;gap:.8rem;align-items:center;
  margin:.25rem 0}}
.step .n{{text-align:right;white-space:nowrap}}
.step .bar{{height:20px}}
nav{{margin:0 0 .4rem;line-height:1.9}}
nav a{{white-space:nowrap}}
section{{padding:1.5rem 0 .4rem;border-top:1px solid {Colour.RULE.value};margin-top:1.4rem}}
figure{{margin:.4rem 0 1rem}}
.curve{{width:100%;height:auto;display:block}}
.curve text{{font-size:12.5px;fill:{Colour.REST.value}}}
.curve text.halo{{paint-order:stroke;stroke:{Colour.PAPER.value};stroke-width:3px}}
.curve text.strong{{fill:{Colour.INK.value};font-weight:600}}
.narrow{{display:none}}
.scroll{{overflow-x:auto;margin:.4rem 0 .8rem}}
.scroll:focus-visible{{outline:2px solid {Colour.ACCENT.value};outline-offset:2px}}
table{{border-collapse:collapse;width:100%;font-size:.95rem}}
th,td{{padding:.38rem .7rem;vertical-align:top;text-align:left;font-weight:400;
  border-bottom:1px solid {Colour.RULE.value}}}
thead th{{font-weight:600;color:{Colour.REST.value};vertical-align:bottom;
  border-bottom-color:{Colour.REST.value};font-size:.88rem;line-height:1.3}}
th:first-child,td:first-child{{padding-left:0}}
th:last-child,td:last-child{{padding-right:0}}
.n{{text-align:right;white-space:nowrap}}
thead th.n{{white-space:normal}}
tbody th.t,td.t{{min-width:6rem}}
tbody th.t{{min-width:9rem;overflow-wrap:anywhere}}
.c{{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;font-size:.88em}}
td.b{{min-width:8.5rem;white-space:nowrap}}
td.b .bar{{width:calc(100% - 4.7rem);min-width:3rem;height:12px;vertical-align:middle}}
td.b span{{display:inline-block;width:4.7rem;text-align:right}}
.d{{white-space:nowrap}}
td.b:last-child .bar:only-child{{width:100%;min-width:8rem}}
.bar{{display:inline-block;width:100%}}
tr.total>*{{font-weight:650;border-bottom:none;border-top:1px solid {Colour.REST.value}}}
footer{{border-top:1px solid {Colour.RULE.value};margin-top:2rem;padding-top:.7rem;
  overflow-wrap:anywhere}}
footer p{{margin:.2rem 0}}
@media (max-width:640px){{
  main{{padding:22px 16px 40px}}
  h1{{font-size:1.55rem}}
  .answer{{font-size:1.02rem}}
  .figures{{grid-template-columns:1fr 1fr}}
  .figures dd{{font-size:1.35rem}}
  .step{{grid-template-columns:6rem 1fr 6.2rem;gap:.5rem;font-size:.9rem}}
  .step .label{{white-space:nowrap}}
  th,td{{padding:.34rem .45rem}}
  table{{font-size:.9rem}}
  .spare,.wide{{display:none}}
  tbody th.t{{min-width:7rem}}
  td.b{{min-width:7.5rem}}
  .narrow{{display:block}}
}}
@media print{{
  @page{{margin:16mm}}
  body{{background:#fff;font-size:10.5pt}}
  main{{max-width:none;padding:0}}
  nav{{display:none}}
  section,figure,.figures{{break-inside:avoid-page}}
  thead{{display:table-header-group}}
  tr{{break-inside:avoid}}
  .scroll{{overflow:visible}}
  *{{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
}}
"""
