internal import Glibc

/// A new folder for a command's own files, which nobody else may look into.
enum PrivateFolder {
    /// Makes one in `TMPDIR`, or else in `/tmp`.
    ///
    /// - Parameters:
    ///   - name: What its name begins with.
    ///   - purpose: What is not possible without it, for the error.
    ///   - pathByteCountMax: Longest path; where it would be longer, it is made in `/tmp`.
    /// - Returns: Its path.
    /// - Throws: ``CommandFailure``, with exit code 74.
    static func make(
        _ name: String,
        for purpose: String,
        pathByteCountMax: Int = .max
    ) throws(CommandFailure) -> String {
        var parent = Terminal.environment("TMPDIR") ?? "/tmp"
        if parent.utf8.count + name.utf8.count + 8 > pathByteCountMax { parent = "/tmp" }
        var path = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else {
            throw CommandFailure(
                .inputOutput,
                "\(purpose) in \(parent) (error \(errno)); set TMPDIR"
            )
        }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
