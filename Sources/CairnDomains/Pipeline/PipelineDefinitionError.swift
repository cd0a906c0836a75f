public import CairnCore

/// Why a text is not a pipeline definition, and where in it.
public enum PipelineDefinitionError: Error, Hashable, Sendable {
    /// The text is not JSON.
    case json(JSONError)
    /// A value is not what a definition needs; the path is written as `stages[2].name`.
    case invalid(path: String, reason: Reason)

    /// What is wrong with a value.
    public enum Reason: Hashable, Sendable {
        case missing
        case wrongKind(expected: String, found: String)
        case unknownKey
        case repeatedKey
        case emptyText
        /// The number is not between two bounds, or has more decimals than are kept.
        case outOfRange(String)
        /// The name was used before in the same list.
        case repeatedName(String)
        /// No stage has this name.
        case unknownStage(String)
        /// No event type has this name.
        case unknownEventType(String)
        /// None of the five words of the column `status`.
        case unknownStatus(String)
        /// Not a word for what an event says of an external effect.
        case unknownEffect(String)
        /// Not a path such as `a.b[0]`.
        case badPath(String)
    }
}

extension PipelineDefinitionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): "the pipeline definition is not JSON: \(error)"
        case .invalid(let path, let reason):
            "the pipeline definition is wrong at \(path.isEmpty ? "its top" : path): \(reason)"
        }
    }
}

extension PipelineDefinitionError.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing: "it is missing"
        case .wrongKind(let expected, let found): "it is a JSON \(found) and should be \(expected)"
        case .unknownKey: "no such key exists"
        case .repeatedKey: "the key stands twice"
        case .emptyText: "it is empty"
        case .outOfRange(let bounds): "it should be \(bounds)"
        case .repeatedName(let name): "'\(name)' was used before"
        case .unknownStage(let name): "there is no stage '\(name)'"
        case .unknownEventType(let name): "there is no event type '\(name)'"
        case .unknownStatus(let word):
            "'\(word)' is none of STARTED, COMPLETED, FAILED, SKIPPED and RETRY_SCHEDULED"
        case .unknownEffect(let word): "'\(word)' is neither begins nor unsettled"
        case .badPath(let text): "'\(text)' is not a path such as a.b[0]"
        }
    }
}
