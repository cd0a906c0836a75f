import CairnCore
import CairnDomains
import CairnTesting
import FoundationXML
import Foundation
import Testing

@testable import CairnIncident

/// How maps are drawn: texts that stay texts, and boxes that do not meet.
struct ProcessMapTests {
    /// Names that would mean something to XML, Mermaid or Graphviz, or turn what stands beside
    /// them.
    static let names = [
        "<b>&\"quoted\"'</b>", "]]>", "a\"] --> n9[\"b", "\u{5E9}\u{5DC}\u{5D5}\u{5DD} \u{202E}x",
        "line\nbreak\u{0}\u{1B}", String(repeating: "very long ", count: 40), "", "end", "1. list",
        "_under_ `tick` #35;", "back\\slash\\", "\u{FFFE}\u{FFFF}", "\u{1F600}\u{1F469}\u{200D}",
    ]

    private func map() async throws -> ProcessMap {
        var history = History()
        for (number, name) in Self.names.enumerated() {
            history.add("R", "T", .started, minutes: Int64(number), stage: name)
            history.add("R\(number)", name, .completed, minutes: Int64(number), stage: name)
        }
        let definition = PipelineDefinition(name: "<p> & \"q\"", isOpen: false)
        let view = PipelineView(try await history.journal(), definition: definition)
        return try await view.processMap(now: History.time(minutes: 99))
    }

    @Test func `a drawing is XML, whatever names hold`() async throws {
        let svg = try await map().svg()
        let parser = XMLParser(data: Data(svg.utf8))
        let texts = XMLTexts()
        parser.delegate = texts
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(texts.elements.subtracting(XMLTexts.known) == [])
        #expect(texts.all.contains("<b>&\"quoted\"'</b>"))
        #expect(texts.all.contains("long very long v..."))
        #expect(texts.all.contains("(no name)"))
        #expect(!svg.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0 == "\u{202E}" })
        #expect(svg.contains("stroke-dasharray"))
        #expect(svg.contains("prefers-color-scheme:dark") && svg.contains("@media print"))
        #expect(!svg.contains("http") || svg.components(separatedBy: "http").count == 2)
    }

    @Test func `a flowchart holds nothing that Mermaid would read`() async throws {
        let text = try await map().mermaid
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "flowchart TD")
        let label = #/[A-Za-z0-9_ ,\p{L}]|#[0-9]+;|<br/>/#
        for line in lines.dropFirst(2) where line.contains("\"") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            #expect(parts.count == 3, "\(line)")
            #expect(parts[1].replacing(label, with: "").isEmpty, "\(line)")
        }
        let (quote, space) = ("#34;#8203;", "#8203;")
        let quoted = "\(quote)quoted\(quote)#39;\(space)"
        let tags = ["#60;\(space)b#62;\(space)", "#60;\(space)#47;\(space)b#62;\(space)"]
        #expect(
            text.contains("[\"\(space)\(tags[0])#38;\(space)\(quoted)\(tags[1])<br/>2 events<br/>")
        )
    }

    /// What Mermaid 11 draws as something else than these texts when it is given them as they are:
    /// lists, headings, links, code, other letters, an icon.
    static let markdown = [
        ("1. list", "1#46;#8203; list"), ("- item", "#8203;#45;#8203; item"),
        ("# head", "#8203;#35;#8203; head"), ("2) x", "2#41;#8203; x"),
        ("**b** `c` ~d~", "#8203;#8727;#8727;b#8727;#8727; #715;c#715; #8764;d#8764;"),
        ("_i_ a_b", "#8203;#95;#8203;i#95;#8203; a_b"), ("v1.2-x", "v1.2-x"),
        ("http://a", "http#58;#8203;#47;#8203;#47;#8203;a"), ("www.a", "www#46;#8203;a"),
        ("a@b.c", "a#64;#8203;b#46;#8203;c"), ("fa:fa-b", "fa#58;#8203;fa-b"),
        ("$$x$$", "#8203;#36;#8203;#36;#8203;x#36;#8203;#36;#8203;"), (" code", "#8203; code"),
        ("end", "end"), ("direction LR", "direction#8203; LR"),
        ("\u{5E9}\u{1F600}", "\u{5E9}#128512;"), ("", ""),
    ]

    @Test(arguments: markdown)
    func `a name is no Markdown`(name: String, escaped: String) {
        #expect(ProcessMap.mermaidEscaped(name) == escaped)
    }

    @Test func `a graph of Graphviz has each quote closed`() async throws {
        let text = try await map().dot
        for line in text.split(separator: "\n") {
            let bare = line.replacing("\\\\", with: "").replacing("\\\"", with: "")
            #expect(bare.count { $0 == "\"" } % 2 == 0, "\(line)")
        }
    }

    @Test func `edges that few requests take are left out, and counted`() async throws {
        var history = History()
        for number in 0..<10 {
            history.add("R\(number)", "A", .started, minutes: 0, stage: "A")
            if number == 0 { history.add("R0", "B", .started, minutes: 1, stage: "B") }
            history.add("R\(number)", "C", .started, minutes: 2, stage: "C")
        }
        let view = PipelineView(
            try await history.journal(),
            definition: PipelineDefinition(name: "p")
        )
        let whole = try await view.processMap(now: History.time(minutes: 9))
        #expect(whole.nodes.map(\.name) == ["A", "B", "C"])
        #expect(whole.edges.count == 5)
        let all = whole.thinned(edgesAtLeast: 0.1)
        #expect(all.mermaid == whole.mermaid)
        let thin = whole.thinned(edgesAtLeast: 0.11)
        #expect(thin.nodes.map(\.name) == ["A", "C"])
        #expect(thin.droppedEdgeCount == 2)
        #expect(thin.edges.map(\.count) == [10, 9, 10])
        #expect(thin.edges[1].time?.medianMilliseconds == 120_000)
    }

    @Test func `nobody draws what nobody can read`() async throws {
        var history = History()
        for number in 0...ProcessMap.drawnNodeCountMax {
            history.add("R", "T", .started, minutes: 0, stage: "S\(number)")
        }
        let view = PipelineView(
            try await history.journal(),
            definition: PipelineDefinition(name: "p")
        )
        let map = try await view.processMap(now: History.time(minutes: 9))
        #expect(throws: ProcessMapError.tooLarge(nodeCount: 151, edgeCount: 152)) {
            try map.svg()
        }
        #expect(map.mermaid.split(separator: "\n").count > 300)
    }

    @Test(arguments: UInt64(1)...60)
    func `nothing stands on something else`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...12, using: &random)
        let nodes = (0..<count).map { _ in
            LayeredGraph.Node(
                width: .random(in: 20...200, using: &random),
                height: .random(in: 20...60, using: &random),
                leftMargin: .random(in: 0..<2, using: &random) == 0 ? 0 : 80,
                rightMargin: .random(in: 0..<2, using: &random) == 0 ? 0 : 60
            )
        }
        var edges: [LayeredGraph.Edge] = []
        for from in 0..<count {
            for to in 0..<count where from != to && .random(in: 0..<count, using: &random) < 2 {
                let width = Double.random(in: 10...120, using: &random)
                edges.append(.init(from: from, to: to, labelWidth: width, labelHeight: 20))
            }
        }
        let graph = LayeredGraph(nodes: nodes, edges: edges, order: [])
        for row in graph.rows {
            for (left, right) in zip(row, row.dropFirst()) {
                let gap =
                    graph.items[right].x - graph.items[right].left
                    - (graph.items[left].x + graph.items[left].right)
                #expect(gap > LayeredGraph.columnGap - 0.001)
            }
        }
        let size = graph.size
        let routes = graph.routes
        #expect(routes.count == edges.count)
        for (edge, route) in zip(edges, routes) {
            let from = graph.centre(of: edge.from)
            let to = graph.centre(of: edge.to)
            #expect(from.y != to.y)
            let sign: Double = from.y < to.y ? 1 : -1
            let down = route.points.map(\.y)
            #expect(down == down.sorted { $0 * sign < $1 * sign })
            #expect(route.points.allSatisfy { (0...size.width).contains($0.x) })
            #expect((0...size.height).contains(route.label.y))
        }
    }
}

/// The texts and the elements of a document.
private final class XMLTexts: NSObject, XMLParserDelegate {
    static let known: Set<String> = [
        "svg", "title", "desc", "style", "rect", "g", "path", "polygon", "text",
    ]

    private(set) var all: Set<String> = []
    private(set) var elements: Set<String> = []
    private var open = ""

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        elements.insert(name)
        open = ""
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open += text }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) {
        all.insert(open)
        open = ""
    }
}
