/// Where a row stands among the rows of its request, in the order of the source.
///
/// By `sequence_no`, and by arrival where that repeats. A row without one is ordered by its place
/// among the request's rows, as the queries and timelines order it. What a fold keeps together
/// with its order does not depend on when a late row comes.
struct PipelineOrder: Hashable, Sendable {
    /// `sequence_no`, or the place where the row has none.
    let number: Int64
    /// The row's place among the request's rows as they came, from 1.
    let place: UInt64

    /// Before every row.
    static let least = PipelineOrder(number: .min, place: 0)

    init(number: Int64?, place: UInt64) {
        self.number = number ?? Int64(clamping: place)
        self.place = place
    }
}

extension PipelineOrder: Comparable {
    @inline(__always)
    static func < (left: PipelineOrder, right: PipelineOrder) -> Bool {
        left.number != right.number ? left.number < right.number : left.place < right.place
    }
}

/// What the last row that says something says, and where that row stands.
struct Latest<Value: Hashable & Sendable>: Hashable, Sendable {
    let value: Value
    let order: PipelineOrder
}

extension Optional {
    /// Takes what a row says, unless a later row has said something.
    mutating func take<Value>(_ value: Value, at order: PipelineOrder)
    where Wrapped == Latest<Value> {
        if let known = self, order < known.order { return }
        self = Latest(value: value, order: order)
    }
}
