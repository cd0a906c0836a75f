internal import Glibc

/// A new folder for a command's own files, which nobody else may look into.
enum PrivateFolder {
    /// Where such folders are made: in `TMPDIR`, or else in `/tmp`.
    static var parent: String { Terminal.environment("TMPDIR") ?? "/tmp" }

    /// Makes one, named `<name>-<process>-` and six letters.
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
        var parent = parent
        let ending = "/\(name)-\(getpid())-XXXXXX"
        if parent.utf8.count + ending.utf8.count > pathByteCountMax { parent = "/tmp" }
        var path = Array((parent + ending).utf8CString)
        guard mkdtemp(&path) != nil else {
            let reason = CommandFailure.words(for: errno)
            throw CommandFailure(.inputOutput, "\(purpose) in \(parent) (\(reason)); set TMPDIR")
        }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// This user's folders of a name whose processes were killed.
    static func leftovers(_ name: String) -> [String] {
        Leftovers.paths(beginningWith: "\(parent)/\(name)-").filter { path in
            var status = stat()
            return lstat(path, &status) == 0 && status.st_uid == geteuid()
        }
    }
}
