import Foundation

extension Growth {
    private static let (width, height, margin) = (360.0, 240.0, 48.0)
    private static let colours = [Rows.cairn: "#b4420f"]

    /// A drawing with one panel for each row; the number of events grows by factors to the right.
    var plot: String {
        var lines = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(2 * Self.width)) \
            \(Int(2 * Self.height))" font-family="system-ui, sans-serif" font-size="11" role="img">
            """,
            "<title>Figures by the number of events in the store</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
        ]
        for (index, row) in Self.rows.enumerated() {
            let (column, line) = (Double(index % 2), Double(index / 2))
            lines.append(
                "<g transform=\"translate(\(column * Self.width) \(line * Self.height))\">"
            )
            lines += panel(curves.filter { $0.row == row })
            lines.append("</g>")
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func panel(_ curves: [Curve]) -> [String] {
        // Not all sides grow equally far.
        let counts = Set(curves.flatMap(\.points).map(\.eventCount)).sorted()
        guard let first = curves.first, let start = counts.first, let end = counts.last, start < end
        else { return [] }
        let top = 1.15 * (curves.flatMap(\.points).map(\.value).max() ?? 1)
        let (right, bottom) = (Self.width - 90, Self.height - Self.margin)
        func x(_ count: Int) -> Double {
            let part = log(Double(count) / Double(start)) / log(Double(end) / Double(start))
            return Self.margin + part * (right - Self.margin)
        }
        func y(_ value: Double) -> Double { bottom - value / top * (bottom - 32) }
        var lines = [
            Self.text("\(first.row), \(first.unit)", Self.margin, 20, "font-weight=\"600\""),
            Self.line([(Self.margin, 32), (Self.margin, bottom), (right, bottom)], "#5b6675"),
            Self.text("0", Self.margin - 6, bottom, "text-anchor=\"end\""),
        ]
        for count in counts {
            let style = "text-anchor=\"middle\""
            lines.append(Self.text(Self.label(Double(count)), x(count), bottom + 16, style))
        }
        for (index, curve) in curves.enumerated() {
            let colour = Self.colours[curve.side] ?? "#5b6675"
            let column = Self.margin + 180 + 75 * Double(index)
            lines.append(Self.text(curve.side, column, 20, "fill=\"\(colour)\""))
            let places = curve.points.map { (x($0.eventCount), y($0.value)) }
            lines.append(Self.line(places, colour))
            for (place, point) in zip(places, curve.points) {
                lines.append(
                    "<circle cx=\"\(Self.number(place.0))\" cy=\"\(Self.number(place.1))\" r=\"3\""
                        + " fill=\"\(colour)\"/>"
                )
                let others = curves.flatMap(\.points).filter { $0.factor == point.factor }
                let isHighest = others.allSatisfy { $0.value <= point.value }
                let style = "fill=\"\(colour)\""
                lines.append(
                    Self.text(
                        Self.label(point.value),
                        place.0 + 4,
                        place.1 + (isHighest ? -7 : 14),
                        style
                    )
                )
            }
        }
        return lines
    }

    private static func line(_ places: [(Double, Double)], _ colour: String) -> String {
        let points = places.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
        return "<polyline points=\"\(points)\" fill=\"none\" stroke=\"\(colour)\"/>"
    }

    /// A text of ours, in which no character means anything to XML.
    private static func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" \(style)>\(text)</text>"
    }

    /// A number in few characters, such as `3.2M`.
    private static func label(_ value: Double) -> String {
        guard value >= 1000 else { return value.figureText }
        let (unit, name) = value < 1e6 ? (1e3, "k") : (1e6, "M")
        return String(format: "%.4g", value / unit) + name
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
