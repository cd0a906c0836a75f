/// The way of a line, with one decimal for each coordinate.
struct SVGPath {
    private(set) var data = ""

    mutating func move(to point: LayeredGraph.Point) { add("M", [point]) }

    mutating func line(to point: LayeredGraph.Point) { add("L", [point]) }

    /// A curve that leaves and arrives straight up or down.
    mutating func curve(from: LayeredGraph.Point, to point: LayeredGraph.Point) {
        let middle = (from.y + point.y) / 2
        bend(by: .init(x: from.x, y: middle), .init(x: point.x, y: middle), to: point)
    }

    mutating func bend(
        by first: LayeredGraph.Point,
        _ second: LayeredGraph.Point,
        to point: LayeredGraph.Point
    ) {
        add("C", [first, second, point])
    }

    private mutating func add(_ verb: String, _ points: [LayeredGraph.Point]) {
        data += verb
        data += points.map { "\(SVGText.number($0.x)) \(SVGText.number($0.y))" }
            .joined(separator: " ")
    }
}

/// An SVG document as it is written.
struct SVGText {
    private let width: Double
    private let height: Double
    private var lines: [String] = []

    init(width: Double, height: Double) {
        self.width = width.rounded(.up)
        self.height = height.rounded(.up)
    }

    mutating func open(title: String, description: String) {
        let size = "\(Self.number(width)) \(Self.number(height))"
        lines += [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(size)\" "
                + "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" role=\"img\">",
            "<title>\(Self.escaped(title))</title>",
            "<desc>\(Self.escaped(description))</desc>",
            "<style>",
            SVGStyle.text,
            "</style>",
            "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>",
        ]
    }

    mutating func beginGroup(x: Double, y: Double) {
        lines.append("<g transform=\"translate(\(Self.number(x)) \(Self.number(y)))\">")
    }

    mutating func endGroup() { lines.append("</g>") }

    mutating func path(_ data: String, _ style: String, thickness: Double) {
        lines.append(
            "<path class=\"\(style)\" stroke-width=\"\(Self.number(thickness))\" d=\"\(data)\"/>"
        )
    }

    mutating func triangle(_ points: [LayeredGraph.Point], _ style: String) {
        let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }
            .joined(separator: " ")
        lines.append("<polygon class=\"\(style)\" points=\"\(list)\"/>")
    }

    mutating func box(
        centre: LayeredGraph.Point,
        width: Double,
        height: Double,
        corner: Double,
        _ style: String,
        tooltip: String?
    ) {
        let place =
            "x=\"\(Self.number(centre.x - width / 2))\" "
            + "y=\"\(Self.number(centre.y - height / 2))\""
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\""
        let title = tooltip.map { "<title>\(Self.escaped($0))</title>" } ?? ""
        lines.append(
            "<rect class=\"\(style)\" \(place) \(size) rx=\"\(Self.number(corner))\">\(title)</rect>"
        )
    }

    mutating func text(_ text: String, x: Double, y: Double, _ style: String) {
        lines.append(
            "<text class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">"
                + "\(Self.escaped(text))</text>"
        )
    }

    var closed: String { (lines + ["</svg>"]).joined(separator: "\n") + "\n" }

    /// A number with at most one decimal.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    /// A text in which no character means anything to XML.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// The colours of a drawing: on light screens, on dark ones and on paper.
enum SVGStyle {
    static let text = """
        text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        .title{font-size:16px;font-weight:600}
        .note{font-size:12px}
        .name{font-size:13.5px;font-weight:600;text-anchor:middle}
        .figure{font-size:11px;text-anchor:middle}
        .count{font-size:11px;font-weight:600;text-anchor:middle}
        .line{fill:none;stroke-linecap:butt}
        .line.odd{stroke-dasharray:8 5}
        .node,.end{stroke-width:1.5}
        .label{stroke-width:1}
        .node.odd,.end.odd,.label.odd{stroke-dasharray:5 3}
        \(colours(light))
        @media (prefers-color-scheme:dark){
        \(colours(dark))
        }
        @media print{
        \(colours(paper))
        }
        """

    private struct Palette {
        let paper: String
        let text: String
        let faint: String
        let line: String
        let odd: String
        let box: String
        let edge: String
    }

    private static let light = Palette(
        paper: "#ffffff",
        text: "#16233a",
        faint: "#46566e",
        line: "#6f87a8",
        odd: "#b8430a",
        box: "#eaf1fb",
        edge: "#44658f"
    )

    private static let dark = Palette(
        paper: "#10161f",
        text: "#e8eef7",
        faint: "#a9b8cc",
        line: "#7d96b8",
        odd: "#ff9a5c",
        box: "#1c2a3d",
        edge: "#8fb0dc"
    )

    private static let paper = Palette(
        paper: "#ffffff",
        text: "#000000",
        faint: "#222222",
        line: "#555555",
        odd: "#000000",
        box: "#ffffff",
        edge: "#000000"
    )

    private static func colours(_ palette: Palette) -> String {
        """
        .paper{fill:\(palette.paper)}
        .title,.name,.count{fill:\(palette.text)}
        .note,.figure{fill:\(palette.faint)}
        .line{stroke:\(palette.line)}
        .head{fill:\(palette.line)}
        .line.odd{stroke:\(palette.odd)}
        .head.odd{fill:\(palette.odd)}
        .node{fill:\(palette.box);stroke:\(palette.edge)}
        .end{fill:\(palette.paper);stroke:\(palette.edge)}
        .label{fill:\(palette.paper);stroke:\(palette.line)}
        .node.odd,.end.odd,.label.odd{fill:\(palette.paper);stroke:\(palette.odd)}
        """
    }
}
