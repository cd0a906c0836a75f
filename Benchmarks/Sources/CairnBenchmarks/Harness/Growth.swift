/// How the figures of some rows change as the store grows tenfold.
struct Growth {
    /// Sizes, as multiples of the first one.
    static let factors = [1, 3.2, 10]
    static let rows = ["append-grown", "replay", "timeline", "open"]
    /// Raw LMDB and Cairn: the others would take hours at the largest size.
    static let sides = [LMDBBaseline.journal.name, LMDBBaseline.trees.name, Rows.cairn]
    /// What costs may grow by, of Cairn's rows but the one that reads everything.
    static let ratioMax = 1.3

    /// One side of one row.
    struct Curve {
        let row: String
        let side: String
        let unit: String
        /// Whether a greater figure is the better one.
        let isRate: Bool
        var points: [(eventCount: Int, value: Double)] = []

        /// By how much the cost grew from the first size to the last.
        var ratio: Double {
            guard let first = points.first, let last = points.last else { return .nan }
            return isRate ? first.value / last.value : last.value / first.value
        }
    }

    private(set) var curves: [Curve] = []

    mutating func add(_ report: Report) {
        for line in report.lines {
            guard let value = line.value else { continue }
            let point = (report.eventCount, value)
            let known = curves.firstIndex { $0.row == line.row && $0.side == line.side }
            if let known {
                // A side has a line for each of its goals.
                if curves[known].points.last?.eventCount != report.eventCount {
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

    /// A line for each curve: what an event, an open or a timeline costs at the last size, as
    /// against the first.
    var text: String {
        curves.map { curve in
            let hasGoal = curve.side == Rows.cairn && curve.row != "replay"
            let goal = hasGoal ? ", goal <= \(Self.ratioMax.figureText)x" : ""
            let verdict = hasGoal ? (curve.ratio <= Self.ratioMax ? " yes" : " NO") : ""
            let values = curve.points
                .map { "\($0.value.figureText) at \($0.eventCount)" }
                .joined(separator: ", ")
            return "\(curve.row) \(curve.side): \(values) \(curve.unit);"
                + " cost \(curve.ratio.figureText)x\(goal)\(verdict)"
        }
        .joined(separator: "\n")
    }
}

extension Row {
    /// The row without the sides that are not named.
    func limited(to names: [String]) -> Row {
        var row = self
        row.sides = sides.filter { names.contains($0.name) }
        row.goals = goals.filter { goal in goal.baseline.map(names.contains) ?? true }
        return row
    }
}
