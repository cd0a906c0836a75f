import CBaselines
import Foundation

/// The server begun anew, with none of its files in the system's memory: what is cold there.
enum ColdPostgres {
    private static let command = ProcessInfo.processInfo.environment["CAIRN_POSTGRES_RESTART"]

    /// Where the server keeps its files, if it says so and they can be read here.
    private static let dataDirectory: String? = {
        var text = [CChar](repeating: 0, count: 4_096)
        guard PostgresBaseline.isThere,
            cb_postgres_data_directory(&text, UInt64(text.count)) == 0
        else { return nil }
        let path = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        return FileManager.default.isReadableFile(atPath: path + "/PG_VERSION") ? path : nil
    }()

    static var isThere: Bool { command != nil && dataDirectory != nil }

    /// What is missing for it; nil where nothing is, or no server at all is there.
    static var missing: String? {
        guard PostgresBaseline.isThere else { return nil }
        if command == nil { return "CAIRN_POSTGRES_RESTART says no command that restarts it" }
        return dataDirectory == nil ? "its files cannot be read here" : nil
    }

    /// Restarts the server and has the system forget its files.
    static func begin() throws(BenchmarkError) {
        guard let command, let dataDirectory else {
            throw .notSupported(side: PostgresBaseline.sideName, operation: "cold start")
        }
        let ending = cb_run_command(command)
        guard ending == 0 else { throw .serverRestart(code: ending) }
        let code = cb_forget_files(dataDirectory)
        guard code == 0 else { throw .baseline(call: "cb_forget_files", code: code) }
    }
}
