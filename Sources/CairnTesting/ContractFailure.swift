/// Why an implementation does not keep its contract: what was looked at, and both values.
public struct ContractFailure: Error, Hashable, Sendable {
    /// The check, as a sentence that should be true.
    public var check: String
    /// What was looked at.
    public let message: String
    public let expected: String
    public let actual: String
    /// Where the check looked, as `Module/File.swift:line`.
    public let location: String

    public init(
        check: String = "",
        message: String,
        expected: String,
        actual: String,
        location: String
    ) {
        self.check = check
        self.message = message
        self.expected = expected
        self.actual = actual
        self.location = location
    }
}

extension ContractFailure: CustomStringConvertible {
    public var description: String {
        """
        not true: \(check)
          \(message)
          expected: \(expected)
          actual:   \(actual)
          at \(location)
        """
    }
}

/// Fails unless two values are equal.
///
/// - Throws: ``ContractFailure``.
func expect<Value: Equatable>(
    _ actual: Value,
    _ expected: Value,
    _ message: @autoclosure () -> String,
    fileID: String = #fileID,
    line: Int = #line
) throws(ContractFailure) {
    guard actual != expected else { return }
    throw ContractFailure(
        message: message(),
        expected: "\(expected)",
        actual: "\(actual)",
        location: "\(fileID):\(line)"
    )
}

/// Fails unless two lists are equal; names the first difference instead of printing them whole.
///
/// - Throws: ``ContractFailure``.
func expectList<Value: Equatable>(
    _ actual: [Value],
    _ expected: [Value],
    _ message: @autoclosure () -> String,
    fileID: String = #fileID,
    line: Int = #line
) throws(ContractFailure) {
    guard actual != expected else { return }
    let sharedCount = min(actual.count, expected.count)
    let place = (0..<sharedCount).first { actual[$0] != expected[$0] } ?? sharedCount
    func words(_ list: [Value]) -> String {
        place < list.count ? "\(list[place])" : "the end"
    }
    throw ContractFailure(
        message: "\(message()): \(actual.count) elements for \(expected.count), first different "
            + "at index \(place)",
        expected: words(expected),
        actual: words(actual),
        location: "\(fileID):\(line)"
    )
}
