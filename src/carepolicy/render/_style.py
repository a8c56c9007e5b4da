"""The style of the page, and the policy that lets in this one and nothing else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = """
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:60rem;color:#1a1a1a;background:#fff;font:1rem/1.45 system-ui,sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.2;margin:0 0 .4rem}
h2{font-size:1.05rem;margin:0 0 .25rem}
p,ul{margin:0}
ul{padding-left:1.1rem}
li{margin:.25rem 0}
dl{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:0 0 .8rem;font-size:.9rem}
dt,dd{display:inline;margin:0}
dt{color:#555}
small{color:#555;font-size:.82rem}
section{margin:0 0 .9rem;break-inside:avoid}
.say_first{border-left:.35rem solid #0b5cad;background:#eef5fc;padding:.6rem .8rem;font-size:1.1rem}
.next{border-left:.35rem solid #1d7a3e;background:#eef8f1;padding:.6rem .8rem}
.missing{border-left:.35rem solid #b35900;background:#fdf4ea;padding:.6rem .8rem}
@media screen{small{display:block}}
@media (min-width:48rem){.details{columns:2;column-gap:2rem}}
@media print{
@page{size:auto;margin:7mm}
body{padding:0;max-width:none;font:7pt/1.15 "Helvetica Neue",Arial,"Liberation Sans",sans-serif}
h1{font-size:12pt}h2{font-size:8pt;break-after:avoid}
dl{font-size:7.1pt;margin-bottom:3pt}small{font-size:6.6pt}
ul{padding-left:9pt}li{margin:.7pt 0;break-inside:avoid}
section{margin-bottom:2.5pt;break-inside:auto}
.say_first,.next,.missing{padding:3pt 6pt;font-size:8.5pt;print-color-adjust:exact}
.say_first{font-size:9.5pt}
.details{columns:3;column-gap:5mm}
}
"""
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
