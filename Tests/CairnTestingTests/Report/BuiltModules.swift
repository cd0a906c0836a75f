import CairnTestSupport
import Foundation

/// What this process was built from, and the compiler that builds more beside it.
struct BuiltModules {
    /// A run of a program that is over.
    struct Run {
        let status: Int32
        let output: String
    }

    private let folder: URL
    private let compiler: URL

    /// Nil where there is no compiler, or no modules beside this process.
    init?() {
        let process = ProcessInfo.processInfo
        folder = URL(fileURLWithPath: process.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let names = (process.environment["PATH"] ?? "").split(separator: ":")
        let candidates = names.map { URL(fileURLWithPath: "\($0)/swiftc") }
        let files = FileManager.default
        let module = folder.path + "/Modules/CairnTesting.swiftmodule"
        guard
            let compiler = candidates.first(where: { files.isExecutableFile(atPath: $0.path) }),
            files.fileExists(atPath: module)
        else { return nil }
        self.compiler = compiler
    }

    /// Builds sources as one module with a `main` that runs its tests.
    func build(_ sources: [URL], module: String, into program: URL) async throws -> Run {
        var arguments = [
            "-swift-version", "6", "-Onone", "-parse-as-library", "-enable-testing",
            "-module-name", module, "-I", folder.path + "/Modules", "-o", program.path,
            "-warnings-as-errors",
            "-enable-upcoming-feature", "ExistentialAny",
            "-enable-upcoming-feature", "MemberImportVisibility",
            "-enable-upcoming-feature", "NonisolatedNonsendingByDefault",
            "-plugin-path", plugins.path,
        ]
        for map in try moduleMaps() { arguments += ["-Xcc", "-fmodule-map-file=\(map)"] }
        return try await run(
            compiler,
            arguments + sources.map(\.path) + objects() + Self.libraries,
            log: program.appendingPathExtension("build-log")
        )
    }

    /// Runs a program to its end; what it prints goes through a file beside it or its output.
    func run(_ program: URL, _ arguments: [String] = [], log: URL? = nil) async throws -> Run {
        let log = log ?? program.appendingPathExtension("log")
        var command = ChildCommand(program.path, arguments)
        command.output = .file(log.path)
        command.error = .file(log.path)
        let end = try await command.run()
        return Run(status: end.status, output: try String(contentsOf: log, encoding: .utf8))
    }

    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Checks how sources are laid out, by this package's rules; nil where nothing can check it.
    func lint(_ sources: [URL]) async throws -> Run? {
        let formatter = compiler.deletingLastPathComponent().appendingPathComponent("swift-format")
        guard FileManager.default.isExecutableFile(atPath: formatter.path) else { return nil }
        let rules = Self.package.appendingPathComponent(".swift-format")
        return try await run(
            formatter,
            ["lint", "--strict", "--configuration", rules.path] + sources.map(\.path),
            log: sources[0].deletingLastPathComponent().appendingPathComponent("lint-log")
        )
    }

    private var plugins: URL {
        compiler.resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("lib/swift/host/plugins/testing")
    }

    /// The modules of this package that its libraries are made of.
    private static let needed = [
        "Cairn", "CairnCore", "CairnDomains", "CairnEngine", "CairnGallery", "CairnIncident",
        "CairnJournal", "CairnLMDB", "CairnServices", "CairnTesting",
    ]
    /// What they need of the system.
    private static let libraries = ["-lcrypto", "-llmdb", "-lexpat", "-lz"]

    /// What was linked into this process, but for the tests and for modules that need others.
    private func objects() throws -> [String] {
        let products = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix("PackageTests.product") }
        guard let product = products.first else { return [] }
        let list = folder.appendingPathComponent(product + "/Objects.LinkFileList")
        return try String(contentsOf: list, encoding: .utf8).split(separator: "\n")
            .map { $0.trimmingCharacters(in: ["'", "\""]) }
            .filter { path in
                // Modules of their own, and wrapped ones, are named for what they belong to.
                let parts = path.dropFirst(folder.path.count).split(separator: "/")
                let owner = parts.first == "Modules" ? parts.last : parts.first
                let name = owner?.split(separator: ".").first.map(String.init) ?? ""
                let isOther = name.hasPrefix("Cairn") && !Self.needed.contains(name)
                return !isOther && !name.hasSuffix("Tests") && !name.isEmpty
            }
    }

    /// The maps of modules in C: those that the build made, and those of other packages.
    private func moduleMaps() throws -> [String] {
        let own = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".build") }
            .map { folder.path + "/\($0)/module.modulemap" }
            .filter { FileManager.default.fileExists(atPath: $0) }
        let checkouts = folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("checkouts").path
        let others = FileManager.default.enumerator(atPath: checkouts)?
            .compactMap { $0 as? String }
            .filter { $0.hasSuffix("/module.modulemap") }
            .filter { !$0.contains("/Benchmarks/") && !$0.contains("/Tests/") }
            .map { checkouts + "/" + $0 }
        let libraries = ["CCrypto", "CExpat", "CLMDB", "CZlib"].map {
            Self.package.path + "/Sources/\($0)/module.modulemap"
        }
        return own + libraries + (others ?? [])
    }
}
