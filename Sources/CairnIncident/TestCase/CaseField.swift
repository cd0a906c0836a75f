public import CairnCore
internal import CairnDomains

/// The fields of a request at the end of its history: those of its state, and those columns of its
/// current event that a state does not have.
public enum CaseField: PredicateField {
    case state(RequestField)
    case event(EventField)

    public init?(rawValue: String) {
        if let field = RequestField(rawValue: rawValue) {
            self = .state(field)
        } else if let field = EventField(rawValue: rawValue) {
            self = .event(field)
        } else {
            return nil
        }
    }

    public var rawValue: String {
        switch self {
        case .state(let field): field.rawValue
        case .event(let field): field.rawValue
        }
    }

    public static var allCases: [CaseField] {
        RequestField.allCases.map { .state($0) }
            + EventField.allCases.filter { RequestField(rawValue: $0.rawValue) == nil }
            .map { .event($0) }
    }

    public var kind: FieldKind {
        switch self {
        case .state(let field): field.kind
        case .event(let field): field.kind
        }
    }

    public func canonicalSpelling(of word: String) -> String {
        switch self {
        case .state(let field): field.canonicalSpelling(of: word)
        case .event(let field): field.canonicalSpelling(of: word)
        }
    }
}

/// A request at the end of a history, with the event that is current.
public struct CaseStanding: FieldResolver {
    public let request: RequestRow
    /// The last event in the order of the source.
    public let current: EventRow

    public func value(of field: CaseField, at path: JSONPath) -> PredicateValue {
        switch field {
        case .state(let field): request.value(of: field, at: path)
        case .event(let field): current.value(of: field, at: path)
        }
    }
}
