extension ReportPage {
    /// How words, buttons and panels look, in light and dark.
    static let styleOfText = #"""
        :root {
          color-scheme: light dark;
          --bg: light-dark(#fafaf9, #131619);
          --panel: light-dark(#ffffff, #1a1e22);
          --ink: light-dark(#1b2026, #e7eaed);
          --soft: light-dark(#565f69, #a4aeb9);
          --rule: light-dark(#e4e6e9, #2a3036);
          --edge: light-dark(#8b949e, #6b7580);
          --accent: light-dark(#1d5fa9, #8fc0f5);
          --tint: light-dark(#eaf1f9, #1f2c3a);
          --work: light-dark(#3872ae, #5b97d3);
          --fail: light-dark(#bf3128, #ff8377);
          --failtint: light-dark(#fcefee, #34201f);
          --wait: light-dark(#8a5b00, #e3ae45);
          --waittint: light-dark(#fbf3e0, #2f2715);
          --idle: light-dark(#f0f1f2, #20252a);
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace;
        }
        :root[data-theme="light"] { color-scheme: light; }
        :root[data-theme="dark"] { color-scheme: dark; }
        * { box-sizing: border-box; }
        html { scrollbar-color: var(--edge) transparent; }
        body {
          margin: 0; background: var(--bg); color: var(--ink);
          font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        [hidden] { display: none !important; }
        h1, h2, h3, p, dl, dd, figure { margin: 0; }
        h1 { font-size: 20px; line-height: 1.3; font-weight: 600; overflow-wrap: anywhere; }
        h2 { font-size: 14px; font-weight: 600; }
        h3 { font-size: 13px; font-weight: 600; color: var(--soft); }
        bdi, .mono { overflow-wrap: anywhere; }
        .mono { font-family: var(--mono); font-size: .93em; }
        .soft { color: var(--soft); }
        .small { font-size: 12px; }
        a { color: var(--accent); text-underline-offset: 2px; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        .page { max-width: 1640px; margin: 0 auto; padding: 20px 28px 48px; }
        .top { display: flex; gap: 16px 24px; align-items: flex-start; margin-bottom: 18px; }
        .top > div:first-child { flex: 1; min-width: 0; }
        .top p { color: var(--soft); margin-top: 2px; overflow-wrap: anywhere; }
        .tools { display: flex; gap: 6px; flex: none; }
        button, select, input[type="search"] {
          font: inherit; color: inherit; background: var(--panel);
          border: 1px solid var(--rule); border-radius: 6px; padding: 3px 10px; min-height: 30px;
        }
        button { cursor: pointer; }
        button:hover { border-color: var(--edge); }
        button[aria-pressed="true"] {
          border-color: var(--accent); color: var(--accent); background: var(--tint);
        }
        input[type="search"] { width: 100%; padding: 5px 10px; }
        kbd {
          font: 12px/1 var(--mono); border: 1px solid var(--rule); border-bottom-width: 2px;
          border-radius: 4px; padding: 1px 5px; background: var(--bg); white-space: nowrap;
        }
        .tiles { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 18px; }
        .tile {
          display: flex; flex-direction: column; align-items: flex-start; min-width: 116px;
          padding: 8px 14px 9px; line-height: 1.25; text-align: left;
        }
        .tile b { font-size: 20px; font-weight: 600; }
        .tile span { font-size: 12px; color: var(--soft); }
        .tile[aria-pressed="true"] span { color: inherit; }
        .tile.bad b { color: var(--fail); }
        .tile.slow b { color: var(--wait); }
        .panel {
          background: var(--panel); border: 1px solid var(--rule); border-radius: 8px;
          padding: 14px 16px 16px; min-width: 0;
        }
        .panel > h2 { margin-bottom: 8px; }
        .row { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; }
        .row > .grow { flex: 1; min-width: 200px; }
        .split { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(0, 1fr); gap: 16px; }
        .split + .panel, .panel + .panel, .panel + .split, .stack > * + * { margin-top: 16px; }
        .split > .panel { margin-top: 0; }
        .below { grid-template-columns: 380px minmax(0, 1fr); }
        @media (max-width: 1100px) { .split, .below { grid-template-columns: minmax(0, 1fr); } }
        @media (max-width: 700px) {
          .page { padding: 12px 12px 32px; }
          .top { flex-direction: column; }
          .controls > span.grow { display: none; }
        }
        table { border-collapse: collapse; width: 100%; font-size: 13px; }
        th {
          text-align: left; font-weight: 500; color: var(--soft); font-size: 12px;
          padding: 3px 10px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: bottom;
        }
        td { padding: 4px 10px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
        th:last-child, td:last-child { padding-right: 0; }
        tr:last-child > td { border-bottom: 0; }
        .end { text-align: right; white-space: nowrap; }
        #stages td:first-child { max-width: 190px; overflow: hidden; text-overflow: ellipsis; }
        #stages bdi { white-space: nowrap; }
        #stages th, #stages td { padding-right: 7px; }
        #stages th:last-child, #stages td:last-child { padding-right: 0; }
        td.nowrap { white-space: nowrap; }
        @media (max-width: 700px) {
          th, td { padding-right: 6px; }
          td.nowrap, #stages td:first-child bdi { white-space: normal; }
        }
        .link {
          background: none; border: 0; padding: 0; min-height: 0; color: var(--accent);
          text-align: left; overflow-wrap: anywhere; border-radius: 2px;
        }
        .link:hover { text-decoration: underline; }
        .status { white-space: nowrap; }
        .status i { font-style: normal; display: inline-block; width: 1.25em; }
        .s-failed { color: var(--fail); }
        .s-wait { color: var(--wait); }
        .s-done i { color: var(--work); }
        .tag {
          display: inline-block; border: 1px solid var(--edge); border-radius: 4px; padding: 0 6px;
          font-size: 12px; line-height: 18px; white-space: nowrap;
        }
        .tag.warn { border-color: var(--wait); color: var(--wait); }
        .tag.bad { border-color: var(--fail); color: var(--fail); }
        """#
}
