using System.Runtime.InteropServices;

namespace Chitin.Storage.Native;

/// <summary>The native library of the RocksDB package. Loaded once; only what is used is bound, because binding all of it costs 0.4 s at start.</summary>
internal static class RocksLibrary
{
    private static readonly Lock s_loading = new();
    private static nint s_library;

    /// <summary>Loads the library, or says why this platform cannot have a store.</summary>
    public static nint Load()
    {
        lock (s_loading)
        {
            if (s_library != 0)
                return s_library;
            if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64 || !BitConverter.IsLittleEndian)
            {
                throw StorageErrors.Unsupported(
                    $"stores need Linux on x86-64, because the encryption of files is built for it alone; this is {RuntimeInformation.RuntimeIdentifier}");
            }

            if (!NativeLibrary.TryLoad("librocksdb", typeof(RocksLibrary).Assembly, null, out s_library))
                throw StorageErrors.Unsupported("the native library librocksdb.so is not beside the program");
            return s_library;
        }
    }

    public static nint Export(string name) => NativeLibrary.TryGetExport(Load(), name, out var address)
        ? address
        : throw StorageErrors.Unsupported($"the native library librocksdb.so has no {name}: it is not the version that this program was built for");
}
