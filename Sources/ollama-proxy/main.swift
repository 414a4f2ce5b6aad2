import Glibc
import OllamaProxy
import ProxyRuntime

exit(CommandLineInterface.run(arguments: CommandLine.arguments))
