internal import CairnCore

/// Why a map is not drawn.
public enum ProcessMapError: Error, Hashable, Sendable {
    /// It would have more than anybody could read.
    case tooLarge(nodeCount: Int, edgeCount: Int)
}

extension ProcessMapError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let nodeCount, let edgeCount):
            "a drawing of \(nodeCount) nodes and \(edgeCount) edges could not be read; "
                + "at most \(ProcessMap.drawnNodeCountMax) and \(ProcessMap.drawnEdgeCountMax) are "
                + "drawn"
        }
    }
}

extension ProcessMap {
    /// Most nodes of a drawing.
    public static let drawnNodeCountMax = 150
    /// Most edges of a drawing.
    public static let drawnEdgeCountMax = 600

    /// The map as an SVG document that needs nothing but itself.
    ///
    /// It is made for light and dark screens and for paper. Steps that the definition allows are
    /// solid; others are dashed, and labelled so.
    ///
    /// - Throws: ``ProcessMapError/tooLarge(nodeCount:edgeCount:)``.
    /// - Complexity: That of a layered drawing, which the limits bound.
    public func svg() throws(ProcessMapError) -> String {
        guard nodes.count <= Self.drawnNodeCountMax, edges.count <= Self.drawnEdgeCountMax else {
            throw .tooLarge(nodeCount: nodes.count, edgeCount: edges.count)
        }
        return ProcessMapDrawing(self).document
    }
}

/// A map, laid out and drawn.
struct ProcessMapDrawing {
    private let map: ProcessMap
    /// Those that lead from one node to another, and those that lead back to where they began.
    private let edges: [ProcessMap.Edge]
    private let loops: [ProcessMap.Edge]
    let layout: LayeredGraph
    let boxes: [MapBox]
    private let countMax: Int

    init(_ map: ProcessMap) {
        self.map = map
        let all = map.edges
        loops = all.filter { $0.from != nil && $0.from == $0.to }
        let edges = all.filter { $0.from == nil || $0.from != $0.to }
        self.edges = edges
        let countMax = max(all.map(\.count).max() ?? 1, 1)
        self.countMax = countMax
        var boxes = map.nodes.map { MapBox($0, in: map) }
        let start = boxes.count
        boxes.append(MapBox(end: "start", "\(map.requestCount)", isSolid: true))
        let ends = map.ends
        let ended = boxes.count
        if ends.hasEnded { boxes.append(MapBox(end: "end", isSolid: true)) }
        let open = boxes.count
        if ends.isOpen { boxes.append(MapBox(end: "not ended", isSolid: false)) }
        for loop in loops {
            guard let node = loop.from else { continue }
            let width = MapLabel(loop).width + 34
            if loop.isDeclared { boxes[node].rightMargin = width }
            if !loop.isDeclared { boxes[node].leftMargin = width }
        }
        self.boxes = boxes
        let laid = edges.map { edge in
            let label = MapLabel(edge)
            return LayeredGraph.Edge(
                from: edge.from ?? start,
                to: edge.to ?? (edge.isDeclared ? ended : open),
                labelWidth: label.width,
                labelHeight: label.height,
                weight: Double(edge.count) / Double(countMax)
            )
        }
        let places = map.nodes.map(\.meanPlace)
        // Requests go down the map: from what they mostly come to early to what comes later.
        let byCount = laid.indices.sorted { left, right in
            let isBack = [left, right].map { edge -> Int in
                guard let from = edges[edge].from, let to = edges[edge].to else { return 0 }
                return places[from] <= places[to] ? 0 : 1
            }
            return (isBack[0], edges[right].count, left) < (isBack[1], edges[left].count, right)
        }
        layout = LayeredGraph(
            nodes: boxes.map { box in
                LayeredGraph.Node(
                    width: box.width,
                    height: box.height,
                    leftMargin: box.leftMargin,
                    rightMargin: box.rightMargin
                )
            },
            edges: laid,
            order: map.nodes.indices.map { (start, $0) } + map.declaredOrder
                + byCount.map { (laid[$0].from, laid[$0].to) }
        )
    }

    private static let margin = 28.0
    private static let headHeight = 54.0
    private static let footHeight = 62.0

    var document: String {
        let size = layout.size
        let title = MapText.title(map)
        let width = max(size.width, MapText.width(title, 16), 540) + 2 * Self.margin
        let height = size.height + Self.headHeight + Self.footHeight + 2 * Self.margin
        let inset = (width - size.width) / 2
        var svg = SVGText(width: width, height: height)
        svg.open(title: title, description: description)
        svg.text(title, x: Self.margin, y: Self.margin + 14, "title")
        svg.text(subtitle, x: Self.margin, y: Self.margin + 34, "note")
        svg.beginGroup(x: inset, y: Self.margin + Self.headHeight)
        let routes = layout.routes
        // Lines first and labels last, so that no line crosses a label.
        let order = edges.indices.sorted { (edges[$0].count, $0) < (edges[$1].count, $1) }
        for index in order { draw(edges[index], routes[index], in: &svg) }
        for loop in loops { drawLine(loop, in: &svg) }
        for index in boxes.indices { boxes[index].draw(at: layout.centre(of: index), in: &svg) }
        for index in edges.indices {
            MapLabel(edges[index]).draw(at: routes[index].label, in: &svg)
        }
        for loop in loops { drawLabel(loop, in: &svg) }
        svg.endGroup()
        drawLegend(y: height - Self.footHeight, in: &svg)
        return svg.closed
    }

    private var subtitle: String {
        let what = map.level == .stage ? "by stage" : "by event type"
        let undeclared =
            edges.filter { !$0.isDeclared }.count + loops.filter { !$0.isDeclared }.count
        let dropped =
            map.droppedEdgeCount > 0
            ? "; \(MapText.counted(map.droppedEdgeCount, "rarer edge")) left out" : ""
        return "\(what); \(MapText.counted(map.nodes.count, "node")), "
            + MapText.counted(edges.count + loops.count, "edge")
            + (map.wording.isJudged ? ", \(undeclared) of them undeclared" : "") + dropped
    }

    private var description: String {
        "What follows what, how often, and after how long: the median, and the time within which "
            + "95 percent of the steps were made."
            + (map.wording.isJudged
                ? " Dashed lines lead to what the \(map.wording.rules) does not allow there." : "")
    }

    /// How thick a line is: the area of what flows through it grows with the count.
    func thickness(_ edge: ProcessMap.Edge) -> Double {
        1.2 + 4.3 * (Double(edge.count) / Double(countMax)).squareRoot()
    }

    private func draw(_ edge: ProcessMap.Edge, _ route: LayeredGraph.Route, in svg: inout SVGText) {
        var path = SVGPath()
        var points = route.points
        guard let first = points.first, let last = points.last else { return }
        let thickness = thickness(edge)
        let head = 7 + thickness
        let isUp = last.y < first.y
        points[points.count - 1].y += isUp ? head : -head
        path.move(to: first)
        var from = first
        for (index, point) in points.enumerated().dropFirst() {
            let reach = isUp ? -route.reaches[index] : route.reaches[index]
            path.curve(from: from, to: LayeredGraph.Point(x: point.x, y: point.y - reach))
            if reach != 0 { path.line(to: LayeredGraph.Point(x: point.x, y: point.y + reach)) }
            from = LayeredGraph.Point(x: point.x, y: point.y + reach)
        }
        svg.path(path.data, edge.isDeclared ? "line" : "line odd", thickness: thickness)
        let base = isUp ? last.y + head : last.y - head
        svg.triangle(
            [
                last, .init(x: last.x - head * 0.55, y: base),
                .init(x: last.x + head * 0.55, y: base),
            ],
            edge.isDeclared ? "head" : "head odd"
        )
    }

    private func drawLegend(y: Double, in svg: inout SVGText) {
        let x = Self.margin
        if map.wording.isJudged { drawLines(y: y, in: &svg) }
        svg.text(
            "At each line: how often; then the median time and the 95th percentile. "
                + "Thicker is more often.",
            x: x,
            y: y + 26,
            "note"
        )
    }

    private func drawLines(y: Double, in svg: inout SVGText) {
        let x = Self.margin
        var line = SVGPath()
        line.move(to: .init(x: x, y: y))
        line.line(to: .init(x: x + 44, y: y))
        svg.path(line.data, "line", thickness: 2)
        svg.text("as declared", x: x + 54, y: y + 4, "note")
        var dashes = SVGPath()
        dashes.move(to: .init(x: x + 160, y: y))
        dashes.line(to: .init(x: x + 204, y: y))
        svg.path(dashes.data, "line odd", thickness: 2)
        svg.text(
            "undeclared: the \(map.wording.rules) does not allow it there",
            x: x + 214,
            y: y + 4,
            "note"
        )
    }
}
