import CairnTestSupport
import Foundation
import Testing

/// What a report looks like in the light, in the dark and on paper.
@Suite(.enabled(if: Browser.program != nil, "\(Browser.absence)"))
struct ReportLooksTests {
    /// Tells what words do not stand out from what is behind them, as WCAG 2 counts it: 4.5 to 1.
    private static let contrast = #"""
        const parse = (text) => text.match(/[\d.]+/g).map(Number);
        const light = (colour) => {
          const [r, g, b] = colour.slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const behind = (node) => {
          for (; node; node = node.parentElement) {
            const colour = parse(getComputedStyle(node).backgroundColor);
            if (colour.length < 4 || colour[3] > 0.9) return colour;
          }
          return [255, 255, 255];
        };
        told.push(light(behind(document.body)) > 0.5 ? "light" : "dark");
        const ratios = new Map();
        for (const node of document.querySelectorAll("body *")) {
          // Words in a bar of a lane stand on that bar.
          const isLeftOut = node.closest("script, style, dialog, .skip, .sr, .t-in");
          const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
          if (!own || isLeftOut || !node.checkVisibility()) continue;
          const style = getComputedStyle(node);
          const words = light(parse(node instanceof SVGElement ? style.fill : style.color));
          const ground = light(behind(node));
          const ratio = (Math.max(words, ground) + 0.05) / (Math.min(words, ground) + 0.05);
          ratios.set(node, ratio);
        }
        told.push(ratios.size > 40 ? "words" : "only " + ratios.size);
        for (const [node, ratio] of ratios) {
          if (ratio < 4.5) told.push(`${node.tagName}.${node.getAttribute("class")} ${ratio}`);
        }
        """#

    private static func report(on fixture: Fixture) async throws {
        let run = try await fixture.cairn("report -o r.html --now 2025-12-25T11:00:00Z")
        #expect(run.status == 0, "\(run.error)")
    }

    @Test(arguments: ["light", "dark"])
    func `words stand out from what is behind them`(theme: String) async throws {
        let fixture = try await Fixture()
        try await Self.report(on: fixture)
        for view in [[:], ["request": "R-3"]] {
            let page = try await Browser.open(
                "r.html",
                at: view.merging(["theme": theme]) { $1 },
                doing: Self.contrast,
                in: fixture.folder
            )
            #expect(page.complaints == [])
            #expect(page.told == [theme, "words"], "\(view)")
        }
    }

    @Test func `a report is printed with all its rows`() async throws {
        let fixture = try await Fixture()
        try await Self.report(on: fixture)
        let fleet = try await Browser.sheetCount(of: "r.html", in: fixture.folder)
        #expect((1...2).contains(fleet), "\(fleet)")
        let request = try await Browser.sheetCount(
            of: "r.html",
            at: ["request": "R-3", "theme": "dark"],
            in: fixture.folder
        )
        #expect((1...3).contains(request), "\(request)")
    }
}
