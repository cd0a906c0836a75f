/// Steps that lead back to where they began: declared ones stand to the right of their box, others
/// to the left.
extension ProcessMapDrawing {
    /// Where the loop of a node leaves its box, and to which side.
    private func side(of loop: ProcessMap.Edge) -> (edge: LayeredGraph.Point, sign: Double) {
        let node = loop.from ?? 0
        let centre = layout.centre(of: node)
        let sign: Double = loop.isDeclared ? 1 : -1
        return (.init(x: centre.x + sign * boxes[node].width / 2, y: centre.y), sign)
    }

    func drawLine(_ loop: ProcessMap.Edge, in svg: inout SVGText) {
        let (edge, sign) = side(of: loop)
        let thickness = min(thickness(loop), 3.2)
        let head = 7 + thickness
        var path = SVGPath()
        path.move(to: .init(x: edge.x, y: edge.y - 11))
        path.bend(
            by: .init(x: edge.x + sign * 40, y: edge.y - 20),
            .init(x: edge.x + sign * 40, y: edge.y + 20),
            to: .init(x: edge.x + sign * head, y: edge.y + 11)
        )
        svg.path(path.data, loop.isDeclared ? "line" : "line odd", thickness: thickness)
        let base = edge.x + sign * head
        svg.triangle(
            [
                .init(x: edge.x, y: edge.y + 11),
                .init(x: base, y: edge.y + 11 - head * 0.55),
                .init(x: base, y: edge.y + 11 + head * 0.55),
            ],
            loop.isDeclared ? "head" : "head odd"
        )
    }

    func drawLabel(_ loop: ProcessMap.Edge, in svg: inout SVGText) {
        let (edge, sign) = side(of: loop)
        let label = MapLabel(loop)
        label.draw(at: .init(x: edge.x + sign * (26 + label.width / 2), y: edge.y), in: &svg)
    }
}
