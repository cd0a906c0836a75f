/// Where a failure comes from: what keeps two bugs apart while a case is made simpler.
struct FailureOrigin: Hashable, Sendable {
    let text: String

    /// Finds the origin of an error.
    ///
    /// What a case's values put into an error must not count, or every case would be a bug of its
    /// own. So it is the place in the source that the error names, else its type and, for an
    /// enumeration, its case without what the case carries.
    init(_ error: any Error) {
        if let located = error as? any LocatedError {
            text = "\(type(of: error)) at \(located.location)"
            return
        }
        let mirror = Mirror(reflecting: error)
        guard mirror.displayStyle == .enum else {
            text = "\(type(of: error))"
            return
        }
        // A case that carries nothing has no children; its description may still be the user's.
        let name = mirror.children.first?.label ?? "\(error)"
        text = "\(type(of: error)).\(name)"
    }
}

/// An error that knows which line of the source it comes from.
///
/// Two errors from different lines are two failures: a search never takes one for the other.
public protocol LocatedError: Error {
    /// The line, as `Module/File.swift:line`.
    var location: String { get }
}

extension ContractFailure: LocatedError {}
