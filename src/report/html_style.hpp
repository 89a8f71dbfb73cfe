// The style sheet of the HTML report.
#pragma once

#include <string_view>

namespace anecompat::report {

inline constexpr std::string_view k_html_style = R"css(
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --paper: #ffffff; --ink: #1c2330; --soft: #5d6778; --line: #dfe3ea;
  --ane: #17936b; --cpu: #d9822b; --gpu: #6f5bd6; --unplaced: #b4bbc7;
  --red: #c8303c; --yellow: #a86b00; --blue: #2368c4; --green: #14805c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #11151c; --paper: #191f29; --ink: #e3e8f0; --soft: #97a2b4; --line: #2c3544;
    --ane: #2dbb8b; --cpu: #e79a4b; --gpu: #9484f0; --unplaced: #4d586a;
    --red: #f0717b; --yellow: #e6b04d; --blue: #73a9f2; --green: #45c79a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 14px/1.5 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 48px; }
header { display: flex; align-items: center; gap: 14px; flex-wrap: wrap; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 16px; margin: 0 0 10px; }
h3 { font-size: 15px; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: 13px; margin: 14px 0 2px; }
small, .facts, .place, footer { color: var(--soft); }
a { color: inherit; text-decoration-color: var(--soft); text-underline-offset: 3px; }
code, pre { font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre { margin: 6px 0; padding: 8px 10px; background: var(--back); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px;
  padding: 18px 20px; margin-top: 18px; }
.facts { margin: 4px 0; display: flex; flex-wrap: wrap; gap: 2px 18px; overflow-wrap: anywhere; }
.facts b { font-weight: 500; color: var(--ink); }
.verdict { color: #fff; border-radius: 99px; padding: 3px 14px; font-weight: 600; font-size: 13px; }
.verdict.pass { background: #14805c; } .verdict.fail { background: #c8303c; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(92px, 1fr)); gap: 10px;
  background: none; border: 0; padding: 0; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px;
  padding: 10px 14px; border-top: 3px solid var(--soft); }
.card b { display: block; font-size: 22px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 12px; }
.card.full { border-top-color: var(--ane); } .card.partial { border-top-color: var(--cpu); }
.card.none, .card.failed, .card.error { border-top-color: var(--red); }
.card.warning { border-top-color: var(--yellow); } .card.notice { border-top-color: var(--blue); }
.card.zero { border-top-color: var(--line); } .card.zero b { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: 12px; font-weight: 600; color: var(--soft); }
th, td { padding: 5px 12px 5px 0; vertical-align: top; }
td { overflow-wrap: anywhere; }
td:nth-child(2), td:nth-child(3), td:nth-child(4), td.share { white-space: nowrap; }
tr.first td { border-top: 1px solid var(--line); padding-top: 8px; }
td.number { font-variant-numeric: tabular-nums; }
.models td:first-child { min-width: 10em; } .models td:last-child { min-width: 18em; }
.meter { display: inline-block; width: 72px; height: 6px; margin-right: 8px; border-radius: 3px;
  background: var(--line); vertical-align: middle; overflow: hidden; }
.meter i { display: block; height: 100%; background: var(--ane); }
.chip, .tag { display: inline-block; border-radius: 5px; padding: 0 8px; font-size: 12px;
  font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.chip.full { color: var(--green); } .chip.partial { color: var(--yellow); }
.chip.none, .chip.failed { color: var(--red); } .chip.unknown { color: var(--soft); }
.findings, .reasons { list-style: none; margin: 0; padding: 0; }
.finding { border-left: 4px solid var(--soft); padding: 6px 0 6px 14px; margin: 12px 0; }
.finding p { margin: 2px 0; overflow-wrap: anywhere; }
.finding.error { border-color: var(--red); } .finding.error .tag { color: var(--red); }
.finding.warning { border-color: var(--yellow); } .finding.warning .tag { color: var(--yellow); }
.finding.notice { border-color: var(--blue); } .finding.notice .tag { color: var(--blue); }
.finding.suppressed { opacity: .7; }
.place { font-size: 12px; }
article { border-top: 1px solid var(--line); padding: 14px 0; }
article:first-of-type { border-top: 0; }
article:target h3 { text-decoration: underline; }
svg { display: block; max-width: 100%; height: auto; margin: 8px 0; }
.ane { fill: var(--ane); background: var(--ane); } .cpu { fill: var(--cpu); background: var(--cpu); }
.gpu { fill: var(--gpu); background: var(--gpu); }
.unplaced { fill: var(--unplaced); background: var(--unplaced); }
rect.frame { fill-opacity: .16; stroke-width: 1; }
rect.frame.ane { stroke: var(--ane); } rect.frame.cpu { stroke: var(--cpu); }
rect.frame.gpu { stroke: var(--gpu); }
rect.boundary { fill-opacity: .45; }
svg.bar rect { stroke: var(--paper); stroke-width: .5; }
rect:not(.frame):hover { stroke: var(--ink); stroke-width: 2; }
.legend { color: var(--soft); }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 5px 0 14px;
  vertical-align: -1px; }
.legend i:first-child { margin-left: 0; }
.legend .outline { border: 1px solid var(--soft); }
.reasons li { margin: 4px 0; overflow-wrap: anywhere; }
.reasons summary { color: var(--soft); cursor: pointer; font-size: 12px; }
.reasons code { margin-right: 6px; }
.risk { margin: 4px 0; color: var(--yellow); }
dt { font-weight: 600; margin-top: 8px; } dd { margin: 2px 0 0 0; }
footer { margin-top: 18px; font-size: 12px; }
@media (max-width: 720px) {  /* a phone: each row of the models is a few lines */
  main { padding: 18px 12px 32px; } section { padding: 14px; }
  .models thead, .models td:empty { display: none; }
  .models, .models tbody { display: block; }
  .models tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; padding: 3px 0; }
  .models tr.first { border-top: 1px solid var(--line); padding-top: 8px; }
  .models td, .models tr.first td { border: 0; padding: 1px 0; min-width: 0; }
  .models td:first-child, .models td:last-child { flex-basis: 100%; }
  .models td.number::before { content: "segments "; color: var(--soft); font-size: 12px; }
}
)css";

}  // namespace anecompat::report
