import CairnTesting
import Foundation
import Testing

/// What the specifications of machines say of the models of protocols.
struct MachineModelTests {
    /// A row of the table below `## Model`.
    private struct Link {
        let words: [Substring]
        let standings: [String]
        let commands: [String]

        init(_ line: Substring) {
            let fields = line.split(separator: "|").map { field in
                field.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
                    .filter { !$0.isEmpty }
            }
            words = fields[0][0].split(separator: "`").filter { $0 != "left out" }
            standings = fields[1]
            commands = fields[2]
        }
    }

    private static func section(_ machine: String) throws -> [Substring] {
        let bytes = try PipelineDefinitionTests.specification("Machines/\(machine).md")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return Array(lines.drop { $0 != "## Model" }.dropFirst().prefix { !$0.hasPrefix("#") })
    }

    @Test(arguments: [("Item", "jobs"), ("RetryLease", "lease"), ("Consumer", "outbox")])
    func `each standing and command of the table is in the model once, or left out`(
        machine: String,
        model: String
    ) throws {
        let lines = try Self.section(machine)
        #expect(lines.first?.contains("`Specs/Models/\(model).pml`") == true)
        let links = lines.filter { $0.hasPrefix("|") }.dropFirst(2).map(Link.init)
        #expect(links.last?.words == [])
        let bytes = try PipelineDefinitionTests.specification("Models/\(model).pml")
        let source = String(decoding: bytes, as: UTF8.self)
        let names = Set(source.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
        for word in links.flatMap(\.words) { #expect(names.contains(word), "\(word)") }
        let text = try PipelineDefinitionTests.specification("Machines/\(machine).md")
        let table = try TransitionTable(markdown: String(decoding: text, as: UTF8.self))
        #expect(links.flatMap(\.standings).sorted() == table.standings.sorted())
        #expect(links.flatMap(\.commands).sorted() == table.commands.sorted())
    }

    @Test func `every machine has a model, or says that it has none`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = root.appending(path: "Specs/Machines").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.count >= 6)
        for file in files {
            let lines = try Self.section(String(file.dropLast(3)))
            let isTold = lines.first.map { $0.hasPrefix("`Specs/Models/") || $0.hasPrefix("None") }
            #expect(isTold == true, "\(file)")
        }
    }
}
