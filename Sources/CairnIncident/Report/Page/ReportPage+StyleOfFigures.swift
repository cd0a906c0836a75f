extension ReportPage {
    /// How figures, tables and paper look.
    static let styleOfFigures = #"""
        .callout {
          border-left: 3px solid var(--edge); background: var(--idle); border-radius: 0 6px 6px 0;
          padding: 8px 14px; margin-top: 10px; overflow-wrap: anywhere;
        }
        .callout.bad { border-color: var(--fail); background: var(--failtint); }
        .callout.warn { border-color: var(--wait); background: var(--waittint); }
        .callout b { font-weight: 600; }
        .figure { position: relative; }
        svg { display: block; overflow: visible; }
        svg text { font-size: 12px; fill: var(--ink); }
        svg .t-soft { fill: var(--soft); font-size: 11px; }
        svg .t-fail { fill: var(--fail); font-size: 11px; font-weight: 500; }
        svg .t-wait { fill: var(--wait); font-size: 11px; }
        svg .t-in, svg .t-wait, svg .t-fail, svg .t-soft { paint-order: stroke; stroke-linejoin: round; }
        svg .t-wait, svg .t-fail { stroke: var(--panel); stroke-width: 3px; }
        svg .t-in { fill: light-dark(#fff, #0d1114); font-size: 11px; pointer-events: none; }
        svg .rule { stroke: var(--rule); stroke-width: 1; fill: none; }
        svg .axis { stroke: var(--edge); stroke-width: 1; fill: none; }
        svg .band { fill: var(--idle); }
        svg .gap { fill: none; stroke: var(--edge); stroke-dasharray: 1 3; }
        svg .thread { fill: none; stroke: var(--edge); stroke-width: 1; opacity: .45; }
        svg .work { fill: var(--work); }
        svg .failed { fill: var(--fail); }
        svg .skipped { fill: var(--edge); }
        svg .open { fill: var(--tint); stroke: var(--work); stroke-width: 1.5; stroke-dasharray: 4 3; }
        svg .wait { fill: url(#hatch); stroke: var(--wait); stroke-width: 1; }
        svg .under { fill: var(--panel); }
        svg .hatch { stroke: var(--wait); stroke-width: 1.6; }
        svg .dot { fill: var(--panel); stroke: var(--work); stroke-width: 1.6; }
        svg .dot.other { stroke: var(--edge); }
        svg .cross { stroke: var(--fail); stroke-width: 2; fill: none; stroke-linecap: round; }
        svg .halo { stroke: var(--panel); stroke-width: 5; fill: none; stroke-linecap: round; }
        svg .odd { fill: var(--panel); stroke: var(--wait); stroke-width: 1.4; }
        svg .cursor { stroke: var(--accent); stroke-width: 1.5; }
        svg .knob { fill: var(--accent); stroke: var(--panel); stroke-width: 2; }
        svg .bar { fill: var(--work); }
        svg .bar.bad { fill: var(--fail); }
        svg .bar.slow { fill: var(--wait); }
        svg .line { fill: none; stroke: var(--work); stroke-width: 1.5; }
        svg .pick { fill: var(--accent); opacity: .13; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 6px; }
        .legend span { display: inline-flex; gap: 6px; align-items: center; }
        .slider { display: flex; gap: 10px; align-items: center; margin-top: 8px; }
        .slider input { flex: 1; accent-color: var(--accent); min-width: 0; margin: 0; }
        .slider output { min-width: 12ch; text-align: right; }
        .fields { display: grid; grid-template-columns: fit-content(150px) minmax(0, 1fr); font-size: 13px; }
        .fields dt, .fields dd { padding: 2px 0; border-bottom: 1px solid var(--rule); }
        .fields dt { color: var(--soft); padding-right: 16px; }
        .fields dd { overflow-wrap: anywhere; }
        .fields .new { font-weight: 600; }
        .was { color: var(--soft); font-weight: 400; }
        .mark { color: var(--accent); display: inline-block; width: 1em; }
        .fields dt:has(.mark) { padding-left: 1em; }
        .fields .mark { margin-left: -1em; }
        .scroll { overflow: auto; position: relative; border-top: 1px solid var(--rule); }
        .grid { min-width: min-content; font-size: 12.5px; }
        .grid > .headgroup { display: contents; }
        .head, .line1 {
          display: grid; column-gap: 10px; padding: 0 8px; align-items: center;
        }
        .head {
          position: sticky; top: 0; background: var(--panel); z-index: 1; height: 30px;
          border-bottom: 1px solid var(--rule); color: var(--soft); font-size: 12px;
        }
        .head > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .head button {
          all: unset; cursor: pointer; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
        }
        .head button:focus-visible { outline: 2px solid var(--accent); border-radius: 3px; }
        .head button:hover { color: var(--ink); }
        .body { position: relative; }
        .line1 {
          position: absolute; left: 0; right: 0; height: 30px; cursor: pointer;
          border-bottom: 1px solid var(--rule);
        }
        .line1 > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .line1:hover { background: var(--idle); }
        .line1[aria-selected="true"] {
          background: var(--tint); box-shadow: inset 3px 0 0 var(--accent);
        }
        .line1.later { color: var(--soft); }
        .empty { padding: 18px 8px; color: var(--soft); }
        dialog {
          border: 1px solid var(--rule); border-radius: 10px; background: var(--panel); color: var(--ink);
          padding: 20px 24px; max-width: 560px; box-shadow: 0 12px 40px rgb(0 0 0 / .25);
        }
        dialog::backdrop { background: rgb(0 0 0 / .35); }
        dialog td:first-child { white-space: nowrap; }
        .skip { position: absolute; left: -9999px; }
        .skip:focus { left: 12px; top: 8px; background: var(--panel); padding: 4px 10px; z-index: 5; }
        .sr {
          position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap;
        }
        #printed { display: none; }
        @media (prefers-reduced-motion: no-preference) { button { transition: border-color .12s; } }
        @media print {
          @page { size: A4 landscape; margin: 11mm; }
          :root, :root[data-theme="dark"] { color-scheme: light; --bg: #fff; --panel: #fff; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          body { font-size: 11px; }
          .page { padding: 0; max-width: none; }
          .tools, .controls, .scroll, .slider, .skip, dialog { display: none !important; }
          #printed { display: block; }
          .panel { border: 0; padding: 0; }
          .tile { border-color: var(--rule) !important; color: var(--ink) !important; padding: 4px 10px; }
          .tile b { font-size: 15px; }
          .tile, .callout, figure, tr { break-inside: avoid; }
          .split, .below { display: block; }
          .split > * + * { margin-top: 12px; }
          #fleet svg { max-height: 138mm; margin-bottom: 14px; }
          h2, h3 { break-after: avoid; }
          svg.fit { width: 100%; height: auto; }
          table, .fields { font-size: 10px; }
          .small { font-size: 9px; }
          .fields { grid-template-columns: repeat(2, max-content minmax(0, 1fr)); column-gap: 8px; }
          th { font-size: 9.5px; }
          td { padding: 2px 8px 2px 0; overflow-wrap: anywhere; }
          thead { display: table-header-group; }
          a { color: inherit; text-decoration: none; }
          .link { color: inherit; }
          .sheet { break-before: page; }
        }
        """#
}
