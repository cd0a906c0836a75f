internal import Glibc

/// Where the processes of a demonstration meet: a folder of its own, so that nothing which an
/// earlier one left behind is taken for its own.
struct DemoFolder {
    let path: String

    var socketPath: String { "\(path)/socket" }
    var logPath: String { "\(path)/log" }

    /// Makes a new one.
    ///
    /// A socket's path has 107 bytes at most.
    init() throws(CommandFailure) {
        path = try PrivateFolder.make(
            "cairn-demo",
            for: "there is no place for the provider's log",
            pathByteCountMax: 100
        )
    }

    /// One that is there.
    init(path: String) {
        self.path = path
    }

    func remove() {
        for file in [socketPath, logPath] { unlink(file) }
        rmdir(path)
    }
}
