"""How units are said in a sentence or beside a number, in both languages.

Belongs here: the words. Does not belong here: which unit an indicator has (the plan's file).
A unit that is not listed is said as it stands.
"""

from __future__ import annotations

_UNSAID = {"count": "", "as reported": "", "flag": "", "index": ""}

SAID_EN = {**_UNSAID}
SAID_ZH = {
    **_UNSAID,
    "points": "个百分点",
    "score": "分",
    "10^4 yuan": "万元",
    "10^8 yuan": "亿元",
    "10^4 yuan of supervision spending": "万元（监管经费）",
    "10^4 yuan of R&D spending": "万元（研发经费）",
    "batches": "批次",
    "cases closed": "件（结案）",
    "comparison rounds": "轮（比对）",
    "complaints per project": "件/工程（投诉）",
    "defects per inspected project": "处/受检工程（缺陷）",
    "firms above 1 000 million yuan of sales": "家（销售超10亿元）",
    "firms covered": "家（覆盖企业）",
    "firms with a certified quality system": "家（通过质量体系认证）",
    "firms with a system": "家（建立体系）",
    "joint actions": "次（联合行动）",
    "rapid tests": "次（快速检测）",
    "risk signals assessed": "条（评估的风险信号）",
}
