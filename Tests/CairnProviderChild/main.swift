import CairnTesting
import Foundation

// A provider in a process of its own: the provider tests start it, kill it and start it again.
//
//     CairnProviderChild SOCKET LOG BEHAVIOUR
//
// BEHAVIOUR is a `ProviderBehaviour` as JSON. It says "ready" once it accepts connections, and ends
// on SIGTERM.

let arguments = CommandLine.arguments
guard arguments.count == 4 else { exit(64) }

let behaviour = try JSONDecoder().decode(ProviderBehaviour.self, from: Data(arguments[3].utf8))
let serving = Task {
    try await ProviderSimulator.serve(
        socketPath: arguments[1],
        logPath: arguments[2],
        behaviour: behaviour,
        whenListening: { FileHandle.standardOutput.write(Data("ready\n".utf8)) }
    )
}

signal(SIGTERM, SIG_IGN)
let terminated = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
terminated.setEventHandler { serving.cancel() }
terminated.resume()

do {
    try await serving.value
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
