/** Colours by the reader's preference, one column on a phone, and no colours needed on paper: every state is also said in words. */
export const STYLE = `
:root { color-scheme: light; --paper: #fbfbf9; --card: #fff; --ink: #1d2329; --faint: #5d6873; --line: #d9dde1; --code: #f0f2f4;
  --healthy: #1f7a3f; --degraded: #9a5b00; --down: #b3261e; --unreachable: #8c4a46; --unknown: #5b6169; --absent: #9aa1a8; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; --paper: #14181c; --card: #1c2227; --ink: #e6eaee; --faint: #9aa6b2;
  --line: #323a42; --code: #262d34; --healthy: #5cc689; --degraded: #f0b04f; --down: #ff8a80; --unreachable: #d9a29e; --unknown: #a7b0b9; --absent: #6d757d; --accent: #7db7f5; } }
:root[data-theme=dark] { color-scheme: dark; --paper: #14181c; --card: #1c2227; --ink: #e6eaee; --faint: #9aa6b2; --line: #323a42; --code: #262d34;
  --healthy: #5cc689; --degraded: #f0b04f; --down: #ff8a80; --unreachable: #d9a29e; --unknown: #a7b0b9; --absent: #6d757d; --accent: #7db7f5; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main, nav { max-width: 1180px; margin: 0 auto; padding: 0 20px; }
nav { display: flex; gap: 8px; justify-content: flex-end; padding-top: 12px; }
button { font: inherit; color: var(--faint); background: none; border: 1px solid var(--line); border-radius: 6px; padding: 2px 10px; cursor: pointer; }
button[aria-pressed=true] { color: var(--ink); border-color: var(--ink); }
h1 { font-size: 22px; line-height: 1.3; margin: 0; }
h2 { font-size: 16px; margin: 34px 0 10px; }
h3 { font-size: 17px; margin: 0 0 6px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--code); border-radius: 4px; padding: 1px 5px; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
header { display: flex; gap: 18px; align-items: center; padding: 14px 0 4px; }
.grade { flex: none; width: 62px; height: 62px; border-radius: 14px; display: grid; place-items: center; font-size: 34px; font-weight: 700; border: 3px solid currentColor; }
.pass { color: var(--healthy); } .warn { color: var(--degraded); } .fail { color: var(--down); } .unknown { color: var(--unknown); } .info, .skip { color: var(--faint); }
.card { background: var(--card); border: 1px solid var(--line); border-left: 5px solid var(--down); border-radius: 8px; padding: 16px 18px; margin: 14px 0; }
.card.warn { border-left-color: var(--degraded); color: inherit; } .card.unknown { border-left-color: var(--unknown); color: inherit; } .card.fail { color: inherit; }
.card p { margin: 6px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 5px 16px; margin: 12px 0 0; }
dt { color: var(--faint); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.frame { overflow: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; max-height: 76vh; }
.picture { display: block; margin: 0 auto; max-width: 100%; height: auto; cursor: zoom-in; } .picture.actual { max-width: none; cursor: zoom-out; }
.picture text { fill: var(--ink); } .picture .name { font: 600 12.5px system-ui, sans-serif; } .picture .namespace { font: 11px system-ui, sans-serif; fill: var(--faint); }
.picture rect { fill: var(--card); stroke: var(--line); stroke-width: 1.2; }
.picture .edge { fill: none; stroke: var(--line); stroke-width: 1.2; } .picture .loose { stroke-dasharray: 4 4; }
.picture .edge.explains { stroke: var(--down); stroke-width: 2.6; stroke-dasharray: none; }
.healthy circle { fill: var(--healthy); } .degraded circle { fill: var(--degraded); } .down circle { fill: var(--down); } .unreachable circle { fill: var(--unreachable); }
.unknown circle { fill: var(--unknown); } .absent circle { fill: var(--absent); }
.degraded rect { stroke: var(--degraded); } .down rect { stroke: var(--down); } .unreachable rect { stroke: var(--unreachable); stroke-dasharray: 5 3; } .unknown rect { stroke: var(--unknown); stroke-dasharray: 2 3; }
.crowd > rect { fill: none; stroke: var(--down); stroke-width: 1.4; }
.node.root rect { stroke-width: 3.4; stroke-dasharray: none; fill: color-mix(in srgb, var(--down) 14%, var(--card)); }
.node.degraded.root rect { fill: color-mix(in srgb, var(--degraded) 14%, var(--card)); }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 8px; background: currentColor; }
.dot.healthy { color: var(--healthy); } .dot.degraded { color: var(--degraded); } .dot.down { color: var(--down); } .dot.unreachable { color: var(--unreachable); } .dot.unknown { color: var(--unknown); } .dot.absent { color: var(--absent); }
details { border-bottom: 1px solid var(--line); padding: 7px 0; } details:target { background: color-mix(in srgb, var(--accent) 10%, transparent); }
summary { cursor: pointer; overflow-wrap: anywhere; } summary .faint { margin-left: 8px; }
ul.findings { list-style: none; margin: 8px 0 4px; padding: 0 0 0 18px; } ul.findings > li { margin: 7px 0; overflow-wrap: anywhere; }
ol { margin: 6px 0; padding-left: 22px; }
table { border-collapse: collapse; width: 100%; } td { border-top: 1px solid var(--line); padding: 6px 12px 6px 0; vertical-align: top; overflow-wrap: anywhere; }
footer { margin: 40px 0 30px; color: var(--faint); }
@media (max-width: 700px) { body { font-size: 14px; } main, nav { padding: 0 12px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; } td { display: block; border: 0; padding: 1px 0; } tr { display: block; border-top: 1px solid var(--line); padding: 6px 0; } h1 { font-size: 18px; } }
@media print { nav, .screen { display: none; } body { background: #fff; color: #000; font-size: 11px; } .frame { max-height: none; overflow: visible; border: 0; } .picture.actual { max-width: 100%; } .card, li, tr { break-inside: avoid; } }
`;
