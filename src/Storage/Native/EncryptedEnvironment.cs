using System.Runtime.InteropServices;
using Chitin.Cryptography;

namespace Chitin.Storage.Native;

/// <summary>
/// An Env of RocksDB under which every file starts with a <see cref="FileHeader"/> and is encrypted as the header says.
/// The C interface has no such Env, so one of the library's own encryption providers is made by its constructor and given a copied vtable
/// in which the slots that decide are ours. A slot is found by comparing it with the exported function that stands in it, never by its number;
/// when one is not found, the store does not start.
/// </summary>
/// <remarks>Lives as long as the database that uses it; dispose it after closing that. Itanium C++ ABI, linux-x64.</remarks>
internal sealed unsafe partial class EncryptedEnvironment : IDisposable
{
    private const string ConstString = "RKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE";
    private const string NewProvider = "_ZN7rocksdb18EncryptionProvider14NewCTRProviderERKSt10shared_ptrINS_11BlockCipherEE";
    private const string NewEnv = "_ZN7rocksdb15NewEncryptedEnvEPNS_3EnvERKSt10shared_ptrINS_18EncryptionProviderEE";
    private const string DefaultEnv = "_ZN7rocksdb3Env7DefaultEv";
    private const int ProviderSlots = 32;   // more than the class has: what is copied beyond its end is never called
    private const int StreamSlots = 8;
    private const int VTablePrefix = 2;     // offset to top and type information stand before the first slot

    private readonly DataKeyRegistry _keys;
    private readonly nint* _providerTable;   // [our handle][offset to top][type information][slots]
    private readonly nint _environment;      // rocksdb_env_t
    private GCHandle _self;

    public EncryptedEnvironment(DataKeyRegistry keys)
    {
        _keys = keys;
        _self = GCHandle.Alloc(this);
        var provider = CreateProvider();
        var original = *(nint**)provider->Object;
        _providerTable = (nint*)NativeMemory.AllocZeroed(ProviderSlots + VTablePrefix + 1, (nuint)sizeof(nint));
        _providerTable[0] = GCHandle.ToIntPtr(_self);
        new ReadOnlySpan<nint>(original - VTablePrefix, ProviderSlots + VTablePrefix).CopyTo(new Span<nint>(_providerTable + 1, ProviderSlots + VTablePrefix));
        var slots = new Span<nint>(_providerTable + VTablePrefix + 1, ProviderSlots);
        Replace(slots, "_ZNK7rocksdb21CTREncryptionProvider15GetPrefixLengthEv", (nint)(delegate* unmanaged<nint, nuint>)&GetPrefixLength);
        Replace(slots, $"_ZNK7rocksdb21CTREncryptionProvider15CreateNewPrefixE{ConstString}Pcm", (nint)(delegate* unmanaged<Status*, nint, CppString*, byte*, nuint, Status*>)&CreateNewPrefix);
        Replace(
            slots,
            $"_ZN7rocksdb21CTREncryptionProvider18CreateCipherStreamE{ConstString}RKNS_10EnvOptionsERNS_5SliceEPSt10unique_ptrINS_23BlockAccessCipherStreamESt14default_deleteISF_EE",
            (nint)(delegate* unmanaged<Status*, nint, CppString*, nint, CppSlice*, CipherStream**, Status*>)&CreateCipherStream);
        Replace(slots, "_ZN7rocksdb12Configurable14PrepareOptionsERKNS_13ConfigOptionsE", (nint)(delegate* unmanaged<Status*, nint, nint, Status*>)&PrepareOptions);
        Replace(slots, "_ZNK7rocksdb12Configurable15ValidateOptionsERKNS_9DBOptionsERKNS_19ColumnFamilyOptionsE", (nint)(delegate* unmanaged<Status*, nint, nint, nint, Status*>)&ValidateOptions);
        *(nint**)provider->Object = _providerTable + VTablePrefix + 1;
        _ = s_streamTable.Value;

        var defaultEnv = ((delegate* unmanaged<nint>)RocksLibrary.Export(DefaultEnv))();
        var encrypted = ((delegate* unmanaged<nint, SharedPointer*, nint>)RocksLibrary.Export(NewEnv))(defaultEnv, provider);
        if (encrypted == 0)
            throw StorageErrors.Unsupported("the native library refused the encryption provider");
        var wrapper = (nint*)Rocks.Allocate(2 * sizeof(nint));   // rocksdb_env_t: the Env, and whether it is the default one
        wrapper[0] = encrypted;
        wrapper[1] = 0;
        _environment = (nint)wrapper;
    }

    /// <summary>For <c>options_set_env</c>.</summary>
    public nint Handle => _environment;

    public void Dispose()
    {
        if (!_self.IsAllocated)
            return;
        // The provider and its table stay: the library may hold the file system in caches of its own until the process ends. They are a few hundred bytes.
        Rocks.EnvDestroy(_environment);
        _providerTable[0] = 0;
        _self.Free();
    }

    /// <summary>A shared pointer that stays ours, so that the provider outlives every file system that uses it.</summary>
    private static SharedPointer* CreateProvider()
    {
        var noCipher = default(SharedPointer);
        var result = (SharedPointer*)NativeMemory.AllocZeroed((nuint)sizeof(SharedPointer));
        ((delegate* unmanaged<SharedPointer*, SharedPointer*, SharedPointer*>)RocksLibrary.Export(NewProvider))(result, &noCipher);
        return result->Object != 0 ? result : throw StorageErrors.Unsupported("the native library made no encryption provider");
    }

    /// <summary>Puts a function of ours where the named one stands in a vtable; it must stand there exactly once.</summary>
    private static void Replace(Span<nint> slots, string symbol, nint replacement)
    {
        var address = RocksLibrary.Export(symbol);
        var at = slots.IndexOf(address);
        if (at < 0 || slots[(at + 1)..].Contains(address))
            throw StorageErrors.Unsupported($"the encryption bridge does not fit the native library: {symbol} does not stand once in its table");
        slots[at] = replacement;
    }

    private static EncryptedEnvironment Of(nint provider) =>
        (EncryptedEnvironment)GCHandle.FromIntPtr((*(nint**)provider)[-VTablePrefix - 1]).Target!;

    /// <summary>std::shared_ptr of libstdc++: object and control block.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SharedPointer
    {
        public nint Object;
        public nint Control;
    }

    /// <summary>The start of libstdc++'s std::string.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CppString
    {
        public byte* Text;
        public nuint Length;

        public readonly override string ToString() => System.Text.Encoding.UTF8.GetString(Text, (int)Length);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct CppSlice
    {
        public byte* Data;
        public nuint Length;
    }

    /// <summary>rocksdb::Status, returned through a hidden first pointer: code, subcode, severity, three flags; then the text, made by new[].</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Status
    {
        private const byte CorruptionCode = 2;
        private const byte InputOutputCode = 5;

        private ulong _code;
        private byte* _text;

        public static void Ok(Status* status) => *status = default;

        public static void Corruption(Status* status, string text) => Set(status, CorruptionCode, text);

        public static void InputOutput(Status* status, string text) => Set(status, InputOutputCode, text);

        public static void InputOutput(Status* status)
        {
            status->_code = InputOutputCode;
            status->_text = null;
        }

        private static void Set(Status* status, byte code, string text)
        {
            status->_code = code;
            status->_text = null;
            var bytes = Rocks.NullTerminated(text);
            status->_text = (byte*)Rocks.Allocate(bytes.Length);
            bytes.CopyTo(new Span<byte>(status->_text, bytes.Length));
        }
    }
}
