/// Something that a test waited for did not come to be.
public struct NeverSo: Error, CustomStringConvertible {
    let fileID: String
    let line: Int

    public var description: String { "what \(fileID):\(line) waits for did not come to be" }
}

/// Waits until something is so.
///
/// Looks are counted and not timed, because a busy machine may not let a test look for minutes;
/// between them the test sleeps, so that others get on.
///
/// - Throws: ``NeverSo`` after a minute of looks, or what `isSo` throws.
public func eventually(
    isolation: isolated (any Actor)? = #isolation,
    fileID: String = #fileID,
    line: Int = #line,
    _ isSo: () async throws -> Bool
) async throws {
    for _ in 0..<60_000 {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(1))
    }
    throw NeverSo(fileID: fileID, line: line)
}
