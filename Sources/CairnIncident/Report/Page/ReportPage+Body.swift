extension ReportPage {
    /// The page before its script has drawn anything.
    static let body = #"""
        <body>
        <a class="skip" href="#" id="skip">Skip to the list</a>
        <svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"
         patternTransform="rotate(45)"><path class="hatch" d="M1 0V6"/></pattern></defs></svg>
        <div class="page">
        <header class="top">
        <div><h1 id="title">cairn report</h1><p id="subtitle">Reading ...</p></div>
        <div class="tools" role="toolbar" aria-label="Display">
        <button id="zone" type="button" title="Times in UTC or in your zone (z)">UTC</button>
        <button id="theme" type="button" title="Light or dark (t)">Theme</button>
        <button id="keys" type="button" title="Keys (?)" aria-haspopup="dialog">Keys</button>
        </div>
        </header>
        <noscript><p class="callout bad">This page draws itself with its own script, which is switched
        off here. The data stands in the page as JSON.</p></noscript>
        <main id="main"></main>
        <div id="printed"></div>
        </div>
        <div id="live" class="sr" role="status" aria-live="polite"></div>
        <dialog id="help" aria-labelledby="helptitle"></dialog>
        """#
}
