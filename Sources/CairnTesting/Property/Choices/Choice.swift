/// One decision of a case: of what kind it was, and what was decided.
///
/// A case is the list of its choices: what is kept, shortened, made simpler and written into a
/// token. Values are stored themselves, not their places in a range, so that a list of choices
/// means much the same after a generator has changed.
struct Choice: Hashable, Sendable {
    /// The raw values stand in tokens and never change.
    enum Kind: UInt8, Sendable {
        case bool = 0
        case integer = 1
        case float = 2
    }

    let kind: Kind
    /// 0 or 1 of a `bool`, the number of an `integer`, the ``FloatCode`` of a `float`.
    let value: Int128

    static func bool(_ value: Bool) -> Choice {
        Choice(kind: .bool, value: value ? 1 : 0)
    }

    static func integer(_ value: Int128) -> Choice {
        Choice(kind: .integer, value: value)
    }

    static func float(_ value: Double) -> Choice {
        Choice(kind: .float, value: FloatCode.value(of: value))
    }
}
