/// The box of a node, or one of the ovals at the ends.
struct MapBox {
    /// The name, in one line or two.
    let names: [String]
    let lines: [String]
    let tooltip: String
    let isRound: Bool
    /// Whether it stands for what the definition knows.
    let isSolid: Bool
    var leftMargin = 0.0
    var rightMargin = 0.0

    init(_ node: ProcessMap.Node, in map: ProcessMap) {
        let isOpen = map.isOpen
        names = MapText.wrapped(MapText.short(node.name))
        var lines = [
            "\(MapText.counted(node.eventCount, "event")), "
                + MapText.counted(node.requestCount, map.wording.walker)
        ]
        if let time = node.time { lines.append(MapText.times(time)) }
        if !node.isListed, !isOpen { lines.append("not in the \(map.wording.rules)") }
        self.lines = lines
        tooltip = MapText.plain(node.name)
        isRound = false
        isSolid = node.isListed || isOpen
    }

    init(end name: String, _ line: String? = nil, isSolid: Bool) {
        names = [name]
        lines = line.map { [$0] } ?? []
        tooltip = name
        isRound = true
        self.isSolid = isSolid
    }

    var width: Double {
        let names = (names.map { MapText.width($0, 13.5) }.max() ?? 0) * 1.06
        let others = lines.map { MapText.width($0, 11) }.max() ?? 0
        return max(names, others, isRound ? 44 : 96) + (isRound ? 34 : 28)
    }

    var height: Double { (isRound ? 18 : 20) + textHeight }

    private var textHeight: Double { Double(names.count) * 16 + Double(lines.count) * 14 - 1 }

    func draw(at centre: LayeredGraph.Point, in svg: inout SVGText) {
        svg.box(
            centre: centre,
            width: width,
            height: height,
            corner: isRound ? height / 2 : 7,
            isSolid ? (isRound ? "end" : "node") : (isRound ? "end odd" : "node odd"),
            tooltip: tooltip
        )
        var y = centre.y - textHeight / 2 + 12
        for name in names {
            svg.text(name, x: centre.x, y: y, "name")
            y += 16
        }
        for line in lines {
            svg.text(line, x: centre.x, y: y - 2, "figure")
            y += 14
        }
    }
}

/// What stands at a line.
struct MapLabel {
    let lines: [String]
    let isSolid: Bool

    init(_ edge: ProcessMap.Edge) {
        lines = [MapText.count(edge)] + (edge.time.map { [MapText.times($0)] } ?? [])
        isSolid = edge.isDeclared
    }

    var width: Double { (lines.map { MapText.width($0, 11) }.max() ?? 0) + 14 }

    var height: Double { Double(lines.count) * 14 + 6 }

    func draw(at centre: LayeredGraph.Point, in svg: inout SVGText) {
        svg.box(
            centre: centre,
            width: width,
            height: height,
            corner: 6,
            isSolid ? "label" : "label odd",
            tooltip: nil
        )
        for (index, line) in lines.enumerated() {
            let y = centre.y - height / 2 + 14 + Double(index) * 14
            svg.text(line, x: centre.x, y: y, index == 0 ? "count" : "figure")
        }
    }
}

extension MapText {
    /// About how wide a text is in a sans-serif font of a size; wider rather than too narrow.
    static func width(_ text: String, _ size: Double) -> Double {
        text.unicodeScalars.reduce(0) { $0 + size * share($1) }
    }

    private static func share(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "f", "t", "r":
            0.4
        case "m", "M", "w", "W", "@", "%": 0.98
        case "A"..."Z": 0.72
        case "a"..."z", "0"..."9", "_", "-": 0.63
        case _ where scalar.isASCII: 0.7
        case _ where scalar.properties.generalCategory == .nonspacingMark: 0
        // Scripts with wide signs, and pictures.
        case _
        where scalar.value >= 0x1100 && scalar.properties.isIdeographic
            || scalar.value >= 0x1_F000 || (0xAC00...0xD7AF).contains(scalar.value)
            || (0x3000...0x30FF).contains(scalar.value):
            1.08
        default: 0.78
        }
    }
}
