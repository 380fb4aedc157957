import Endpoint
import Pipeline
import PostgresClient
import RedisClient
import Scheduling
import Systemd

/// What the program's exit code says; sysexits(3) where it has a number for it.
///
/// 64, 65 and 78 are for what starting again cannot help: a service manager should not try (`RestartPreventExitStatus=`).
package enum ExitStatus: Int32, Sendable {
    /// Done.
    case success = 0
    /// Failed in a way that has no number of its own.
    case failure = 1
    /// The command line asks for something that is not there.
    case usage = 64
    /// The schema was made by a newer program, or changed by hand; or a file has a row that cannot be read.
    case data = 65
    /// PostgreSQL or Redis could not be reached.
    case unavailable = 69
    /// The configuration, a privilege or Directus's table is not as it has to be; starting again does not help.
    case configuration = 78

    /// The exit code for an error that ended a command.
    package init(_ error: any Error) {
        switch error {
        case is ConfigurationError, is SourceTableError, is SourceIndexError, MigrationError.missingPrivilege:
            self = .configuration
        case is HandedSocketRefusal, is HandedSocketError: self = .configuration
        case let error as EndpointError: self = error.isPermanent ? .configuration : .failure
        case is MigrationError: self = .data
        case let error as CSVError: self = error.kind == .row ? .data : .usage
        case is UnknownJobError, is UnknownAlertError, is EmptyPeriodError, is ImportRefusedError: self = .usage
        case is MissingExtensionError: self = .configuration
        case let error as PostgresError where error.code == .misuse: self = .configuration
        case let error as PostgresError: self = error.sqlState == nil ? .unavailable : .failure
        case let error as RedisError: self = error.code == .invalidURL ? .configuration : .unavailable
        case is LocalRequestError: self = .unavailable
        default: self = .failure
        }
    }
}
