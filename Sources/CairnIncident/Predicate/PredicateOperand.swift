internal import CairnCore

/// The right side of a comparison, made ready for the field on its left.
enum PredicateOperand: Hashable, Sendable {
    case number(NumberOperand)
    case text(String)
    case boolean(Bool)
    case time(Timestamp)
    case span(TimeSpan)
    /// For a document, whose values show their kind only when a record is looked at.
    case loose(LooseOperand)
}

/// A number, and the same as an integer where it is one that 64 bits hold.
struct NumberOperand: Hashable, Sendable {
    let exact: JSONNumber
    let integer: Int64?

    init?(_ text: String) {
        guard let exact = JSONNumber(text) else { return nil }
        self.exact = exact
        integer = exact.integer()
    }
}

/// A literal in each of the meanings that it can have beside a document's value.
struct LooseOperand: Hashable, Sendable {
    let text: String
    let isQuoted: Bool
    let number: NumberOperand?
    let boolean: Bool?
    let time: Timestamp?

    init(text: String, isQuoted: Bool) {
        self.text = text
        self.isQuoted = isQuoted
        number = NumberOperand(text)
        boolean = text == "true" ? true : text == "false" ? false : nil
        time = try? Timestamp(rfc3339: text)
    }
}

/// How a value stands to an operand.
enum PredicateOrder: Hashable, Sendable {
    case less, equal, greater
    /// Both are there and they are not the same, but neither comes first.
    case different

    init<Value: Comparable>(_ left: Value, _ right: Value) {
        self = left < right ? .less : right < left ? .greater : .equal
    }

    /// Compares by the bytes of UTF-8, as PostgreSQL does in the C collation.
    init(text left: String, _ right: String) {
        if left.hasSameBytes(as: right) {
            self = .equal
        } else {
            self = left.hasBytes(before: right) ? .less : .greater
        }
    }

    init?(integer left: Int64, _ right: NumberOperand) {
        if let right = right.integer {
            self.init(left, right)
        } else {
            guard let left = JSONNumber(String(left)) else { return nil }
            self.init(left, right.exact)
        }
    }

    /// Whether a comparison holds.
    func satisfies(_ comparison: ComparisonOperator) -> Bool {
        switch comparison {
        case .equal: self == .equal
        case .notEqual: self != .equal
        case .less: self == .less
        case .lessOrEqual: self == .less || self == .equal
        case .greater: self == .greater
        case .greaterOrEqual: self == .greater || self == .equal
        }
    }
}

extension PredicateValue {
    /// How this value stands to an operand; nil where there is no value.
    func order(to operand: PredicateOperand) -> PredicateOrder? {
        switch (self, operand) {
        case (.absent, _): nil
        case (_, .loose(let operand)): order(to: operand)
        case (.integer(let left), .number(let right)): PredicateOrder(integer: left, right)
        case (.number(let left), .number(let right)): PredicateOrder(left, right.exact)
        case (.text(let left), .text(let right)): PredicateOrder(text: left, right)
        case (.time(let left), .time(let right)): PredicateOrder(left, right)
        case (.span(let left), .span(let right)): PredicateOrder(left, right)
        case (.boolean(let left), .boolean(let right)): left == right ? .equal : .different
        case (.boolean, _), (.integer, _), (.number, _), (.text, _), (.time, _), (.span, _),
            (.list, _), (.names, _):
            .different
        }
    }

    private func order(to operand: LooseOperand) -> PredicateOrder? {
        switch self {
        case .absent: return nil
        case .boolean(let value): return value == operand.boolean ? .equal : .different
        case .integer(let value):
            return operand.number.flatMap { PredicateOrder(integer: value, $0) } ?? .different
        case .number(let value):
            return operand.number.map { PredicateOrder(value, $0.exact) } ?? .different
        case .text(let value):
            if !operand.isQuoted, let number = operand.number {
                return JSONNumber(value).map { PredicateOrder($0, number.exact) } ?? .different
            }
            if let time = operand.time, let value = try? Timestamp(rfc3339: value) {
                return PredicateOrder(value, time)
            }
            return PredicateOrder(text: value, operand.text)
        case .time(let value):
            return operand.time.map { PredicateOrder(value, $0) } ?? .different
        case .span(let value):
            let span = try? TimeSpan(text: operand.text)
            return span.map { PredicateOrder(value, $0) } ?? .different
        case .list, .names: return .different
        }
    }

    /// Whether a text has the operand in it, a list has it as an element, or an object as a name.
    func contains(_ operand: PredicateOperand) -> Bool {
        switch (self, operand) {
        case (.list(let elements), _): elements.contains { $0.order(to: operand) == .equal }
        case (.text(let value), .text(let part)): value.containsBytes(of: part)
        case (.text(let value), .loose(let part)): value.containsBytes(of: part.text)
        case (.names(let names), .loose(let part)):
            names.contains { $0.utf8.elementsEqual(part.text.utf8) }
        case (.absent, _), (.boolean, _), (.integer, _), (.number, _), (.text, _), (.time, _),
            (.span, _), (.names, _):
            false
        }
    }
}

extension String {
    /// Whether the UTF-8 of another text occurs in this one's.
    func containsBytes(of part: String) -> Bool {
        let whole = Array(utf8)
        let part = Array(part.utf8)
        guard let first = part.first else { return true }
        guard part.count <= whole.count else { return false }
        for start in 0...(whole.count - part.count)
        where whole[start] == first && whole[start..<start + part.count].elementsEqual(part) {
            return true
        }
        return false
    }
}
