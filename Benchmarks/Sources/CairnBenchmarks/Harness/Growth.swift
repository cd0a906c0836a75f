/// How the figures of some rows change as the store grows.
struct Growth {
    /// Sizes, as multiples of the first one.
    static let factors = [1, 3.2, 10, 32, 100]
    static let rows = ["append-grown", "replay", "timeline", "timeline-first", "open"]
    /// Raw LMDB and Cairn, in the order they are measured, and how far they grow: the others would
    /// take hours, as raw LMDB with its trees would beyond ten times the events.
    static let sides: [(subject: any BenchmarkSubject, factorMax: Double)] = [
        (LMDBBaseline.journal, 100), (LMDBBaseline.trees, 10), (CairnSubject(), 100),
    ]
    /// Up to this size there are goals; what comes behind it is told.
    static let goalFactor = 10.0
    /// What costs may grow by, of Cairn's rows but the one that reads everything.
    static let ratioMax = 1.3

    /// One side of one row.
    struct Curve {
        let row: String
        let side: String
        let unit: String
        /// Whether a greater figure is the better one.
        let isRate: Bool
        var points: [Point] = []

        /// How many times the cost at the first size a point's is; nil without that size.
        func ratio(at point: Point) -> Double? {
            guard let first = points.first, first.factor == 1 else { return nil }
            return isRate ? first.value / point.value : point.value / first.value
        }
    }

    struct Point {
        let factor: Double
        let eventCount: Int
        let value: Double
    }

    private(set) var curves: [Curve] = []
    /// Why sides did not grow further.
    var notes: [String] = []

    /// Adds the figures of one size; those of a wrong result are none.
    mutating func add(_ report: Report, factor: Double) {
        for line in report.lines {
            guard let value = line.value, line.hashIsEqual == true else { continue }
            let point = Point(factor: factor, eventCount: report.eventCount, value: value)
            let known = curves.firstIndex { $0.row == line.row && $0.side == line.side }
            if let known {
                // A side has a line for each of its goals.
                if curves[known].points.last?.factor != factor {
                    curves[known].points.append(point)
                }
            } else {
                let isRate = line.unit == Metric.eventsPerSecond.unit
                curves.append(
                    Curve(
                        row: line.row,
                        side: line.side,
                        unit: line.unit,
                        isRate: isRate,
                        points: [point]
                    )
                )
            }
        }
    }

    /// A line for each curve: what an event, an open or a timeline costs at ten times the events,
    /// and at each size beyond, as against the first.
    var text: String { (curves.map(Self.line) + notes).joined(separator: "\n") }

    private static func line(_ curve: Curve) -> String {
        let values = curve.points
            .map { "\($0.value.figureText) at \($0.eventCount)" }
            .joined(separator: ", ")
        var parts = ["\(curve.row) \(curve.side): \(values) \(curve.unit)"]
        if let last = curve.points.last(where: { $0.factor <= goalFactor }),
            let ratio = curve.ratio(at: last)
        {
            let hasGoal =
                curve.side == Rows.cairn && curve.row != "replay" && last.factor == goalFactor
            let verdict =
                ", goal <= \(ratioMax.figureText)x \(ratio <= ratioMax ? "yes" : "NO")"
            parts.append("cost \(ratio.figureText)x" + (hasGoal ? verdict : ""))
        }
        let beyond = curve.points.filter { $0.factor > goalFactor }.compactMap { point in
            curve.ratio(at: point).map { "\($0.figureText)x at \(point.eventCount)" }
        }
        if !beyond.isEmpty { parts.append(beyond.joined(separator: ", ")) }
        return parts.joined(separator: "; ")
    }
}
