import CairnGallery
import CairnTesting
import Foundation
import Testing

/// Sources of regression tests, compiled and run beside the properties that they are about, and of
/// tests that requests and streams of one's own became.
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

    private static let definition = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Specs/Pipelines/incident-management.json")

    private static let main = """
        import Testing

        @main struct Main {
            static func main() async {
                await Testing.__swiftPMEntryPoint() as Never
            }
        }
        """

    /// A file of this folder.
    private static func text(beside name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// The tests that are printed for all engines of the gallery from which cases are drawn.
    private static func sourcesOfGallery() async throws -> [(name: String, source: String)] {
        let drawn = GallerySubject.all.filter { $0.kind != .exploration }
        #expect(drawn.count >= 40)
        var sources: [(name: String, source: String)] = []
        var properties: Set<String> = []
        for (name, check) in GalleryBugs.all {
            let error = await #expect(throws: PropertyError.self) { try await check() }
            guard case .falsified(let report) = error else { continue }
            properties.insert(report.property)
            sources.append((name, try #require(error?.regressionSource, "\(name)")))
        }
        #expect(properties == Set(drawn.map(\.name)))
        return sources
    }

    @Test func `every source compiles, and its test does as it says`() async throws {
        guard let modules = BuiltModules() else {
            try Test.cancel("there is no swiftc, or no modules are built beside this process")
        }
        let folder = try Folder()
        var own = try Self.text(beside: "FailingProperties.swift")
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
        let bugs = try await Self.sourcesOfGallery()
        files += try bugs.map { try folder.write($0.source, to: "Bug-\($0.name).swift") }
        files.append(
            try folder.write(try Self.text(beside: "GalleryBugs.swift"), to: "GalleryBugs.swift")
        )
        let requests = try await RequestTests.all(Array(try Data(contentsOf: Self.definition)))
        var written = try requests.map { try folder.write($0.text, to: "\($0.name).swift") }
        files += written
        files.append(
            try folder.write(try Self.text(beside: "Lockers.swift"), to: "Lockers.swift")
        )
        let lockers = try await LockerTests.all()
        for source in lockers {
            // Here they are in the module that an embedder's own tests import.
            let text = source.text.replacing("\n@testable import CairnTestingTests\n", with: "")
            #expect(text != source.text)
            files.append(try folder.write(text, to: "\(source.name).swift"))
            written.append(try folder.write(source.text, to: "\(source.name).txt.swift"))
        }
        let lint = try await modules.lint(written)
        #expect(lint?.status ?? 0 == 0, "\(lint?.output ?? "")")
        // What should have happened, in place of what did.
        let mended = try #require(requests.first { $0.name == "Reopened" }).text
            .replacing(/== 1\)/, with: "== 0)").replacing("RequestCase", with: "MendedCase")
        files.append(try folder.write(mended, to: "Mended.swift"))
        let unjammed = try #require(lockers.first { $0.name == "LockerJammed" }).text
            .replacing("\n@testable import CairnTestingTests\n", with: "")
            .replacing(".bool(true)", with: ".bool(false)")
            .replacing("LockerCase", with: "UnjammedCase")
        files.append(try folder.write(unjammed, to: "Unjammed.swift"))
        let program = folder.url.appendingPathComponent("regressions")
        let build = try await modules.build(files, module: "CairnTestingTests", into: program)
        try #require(build.status == 0, "\(build.output)")
        let run = try await modules.run(program, ["--testing-library", "swift-testing"])
        #expect(run.status != 0)
        let lines = run.output.split(separator: "\n")
        let failed = lines.filter {
            $0.contains("Test \"a case of: ") && $0.contains("failed after")
        }
        #expect(failed.count == found.count + bugs.count, "\(run.output)")
        let told = lines.filter { $0.contains(" Test \"the request ") }
        #expect(told.count { $0.contains("passed after") } == requests.count, "\(run.output)")
        #expect(told.count { $0.contains("failed after") } == 1, "\(run.output)")
        let keys = lines.filter { $0.contains(" Test \"the key stands where it stood\" ") }
        #expect(keys.count { $0.contains("passed after") } == lockers.count, "\(run.output)")
        #expect(keys.count { $0.contains("failed after") } == 1, "\(run.output)")
        // What fails is the property, and not what the test is made of.
        #expect(!run.output.contains("CaseScriptError") && !run.output.contains("not repeated"))
        let count = run.output.ranges(of: "Caught error: not true: ").count
        #expect(count == found.count + bugs.count, "\(run.output)")
    }
}
