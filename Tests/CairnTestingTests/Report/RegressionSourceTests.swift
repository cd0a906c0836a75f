import CairnTesting
import Foundation
import Testing

/// Sources of regression tests, compiled and run beside the properties that they are about.
struct RegressionSourceTests {
    /// A folder that is gone after the test.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("regressions-\(UUID().uuidString)")

        init() throws {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(at: url)
        }

        func write(_ text: String, to name: String) throws -> URL {
            let file = url.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            return file
        }
    }

    private static let main = """
        import Testing

        @main struct Main {
            static func main() async {
                await Testing.__swiftPMEntryPoint() as Never
            }
        }
        """

    @Test func `every source compiles, and its test fails`() async throws {
        guard let modules = BuiltModules() else {
            try Test.cancel("there is no swiftc, or no modules are built beside this process")
        }
        let folder = try Folder()
        let gallery = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("FailingProperties.swift")
        var own = try String(contentsOf: gallery, encoding: .utf8)
        var files = [try folder.write(Self.main, to: "Main.swift")]
        let found = await FailingSuite.all()
        #expect(found.count >= 20)
        for (name, error) in found {
            let source = try #require(error?.regressionSource, "\(name)")
            if source.hasPrefix("// In FailingProperties.swift") {
                own += "\n" + source
            } else {
                files.append(try folder.write(source, to: "Regression-\(name).swift"))
            }
        }
        files.append(try folder.write(own, to: "FailingProperties.swift"))
        let program = folder.url.appendingPathComponent("regressions")
        let build = try await modules.build(files, module: "CairnTestingTests", into: program)
        try #require(build.status == 0, "\(build.output)")
        let run = try await modules.run(program, ["--testing-library", "swift-testing"])
        #expect(run.status != 0)
        let failed = run.output.split(separator: "\n")
            .filter { $0.contains("Test \"a case of: ") && $0.contains("failed after") }
        #expect(failed.count == found.count, "\(run.output)")
        // What fails is the property, and not what the test is made of.
        #expect(!run.output.contains("CaseScriptError") && !run.output.contains("not repeated"))
        let count = run.output.ranges(of: "Caught error: not true: ").count
        #expect(count == found.count, "\(run.output)")
    }
}
