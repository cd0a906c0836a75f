/// A question that a record answers with yes or no, read from text.
///
/// ```text
/// status == FAILED && attempt > 3
/// metadata.diagnosisCount > 10 and not error_code in (API_TIMEOUT, 'no answer')
/// exists next_retry_at or (duration_ms >= 1.5s and worker_id contains pod-7)
/// ```
///
/// The left side names a field, the right side is a number, a word, a string in single or double
/// quotes, a span (`15m`) or an RFC 3339 time; the field decides which. Fields are compared with
/// `==` `!=` `<` `<=` `>` `>=`, `in (...)` and `contains`; `exists` asks whether there is a
/// value. `and`, `or` and `not` can be written `&&`, `||` and `!`; `not` binds most, then `and`.
///
/// - Numbers are compared as decimals, exactly. Texts are compared by the bytes of their UTF-8.
/// - No comparison with what is absent is true, not even `!=`, and neither is `in` or
///   `contains` with or without `not`; JSON null is absent. `not (a == b)` is true where
///   `a == b` is not, so also where `a` is absent.
/// - Parts of a document show their kind only in the record. A number without quotes is compared
///   with numbers, and with texts that read as one; a time likewise; anything else with texts.
///   Values of two kinds are different, and neither is less.
public struct Predicate<Record: FieldResolver>: Sendable {
    /// The text it was read from.
    public let text: String
    let root: PredicateNode<Record.Field>

    /// Reads a predicate.
    ///
    /// - Throws: ``PredicateError``, which knows the character.
    public init(_ text: String) throws(PredicateError) {
        self.text = text
        var parser = try PredicateParser<Record.Field>(text)
        root = try parser.parse()
    }

    /// Whether the record is as the predicate says.
    public func matches(_ record: Record) -> Bool {
        root.matches(record)
    }

    /// Whether a record with the same fields, known in another way, is as the predicate says.
    func matches<Other: FieldResolver>(_ other: Other) -> Bool where Other.Field == Record.Field {
        root.matches(other)
    }

    /// The fields it looks at, so that a caller can leave the work for others out.
    public var fields: Set<Record.Field> {
        var fields: Set<Record.Field> = []
        root.collectFields(into: &fields)
        return fields
    }
}

/// A predicate as a tree, at most ``PredicateParser/depthMax`` levels of negation deep.
indirect enum PredicateNode<Field: PredicateField>: Sendable {
    case all([PredicateNode])
    case any([PredicateNode])
    case not(PredicateNode)
    case compare(FieldReference<Field>, ComparisonOperator, PredicateOperand)
    case isIn(FieldReference<Field>, [PredicateOperand], isNegated: Bool)
    case contains(FieldReference<Field>, PredicateOperand, isNegated: Bool)
    case exists(FieldReference<Field>)
    case isTrue(FieldReference<Field>)

    func matches<Record: FieldResolver>(_ record: Record) -> Bool where Record.Field == Field {
        func value(_ reference: FieldReference<Field>) -> PredicateValue {
            record.value(of: reference.field, at: reference.path)
        }
        switch self {
        case .all(let nodes): return nodes.allSatisfy { $0.matches(record) }
        case .any(let nodes): return nodes.contains { $0.matches(record) }
        case .not(let node): return !node.matches(record)
        case .compare(let reference, let comparison, let operand):
            return value(reference).order(to: operand)?.satisfies(comparison) ?? false
        case .isIn(let reference, let operands, let isNegated):
            let value = value(reference)
            if value == .absent { return false }
            return operands.contains { value.order(to: $0) == .equal } != isNegated
        case .contains(let reference, let operand, let isNegated):
            let value = value(reference)
            if value == .absent { return false }
            return value.contains(operand) != isNegated
        case .exists(let reference): return value(reference) != .absent
        case .isTrue(let reference): return value(reference) == .boolean(true)
        }
    }

    func collectFields(into fields: inout Set<Field>) {
        switch self {
        case .all(let nodes), .any(let nodes):
            for node in nodes { node.collectFields(into: &fields) }
        case .not(let node): node.collectFields(into: &fields)
        case .compare(let reference, _, _), .isIn(let reference, _, _),
            .contains(let reference, _, _), .exists(let reference), .isTrue(let reference):
            fields.insert(reference.field)
        }
    }
}
