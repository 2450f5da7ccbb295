using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Chitin.UnitTests")]
