using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Chitin.Catalog.Encoding;
using Chitin.Core;
using Chitin.Core.Types;

namespace Chitin.Catalog;

/// <summary>
/// Catalog rows: keys under the system's storage id, values as a kind byte and JSON. Types are written by OID; user-defined types are read first, so that columns find them.
/// </summary>
internal static class CatalogCodec
{
    private const uint SystemStorage = 1;
    private const ushort DescriptorRows = 1;
    private const ushort NameRows = 2;
    private const ushort StatisticsRows = 3;
    private const ushort SettingRows = 4;
    private const ushort DefaultPrivilegeRows = 5;
    private const ushort CounterRows = 6;
    private const ushort MarkRows = 7;

    // One for all rows: what it learns about the descriptors' classes costs more than to read a row.
    private static readonly JsonSerializerOptions s_options = new()
    {
        Converters = { new SqlTypeConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        IncludeFields = true,
        IgnoreReadOnlyProperties = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WriteScalars } },
    };

    /// <summary>Of the row that this thread is reading.</summary>
    [ThreadStatic]
    private static Func<uint, SqlType?>? t_typeByOid;

    public static (byte[] Lower, byte[] Upper) DescriptorRange => KeySpace.IndexRange(SystemStorage, DescriptorRows);

    public static (byte[] Lower, byte[] Upper) StatisticsRange => KeySpace.IndexRange(SystemStorage, StatisticsRows);

    public static (byte[] Lower, byte[] Upper) SettingRange => KeySpace.IndexRange(SystemStorage, SettingRows);

    public static byte[] DefaultPrivilegesKey => KeySpace.Prefix(SystemStorage, DefaultPrivilegeRows);

    /// <summary>Every commit that changes the catalog leaves another value here: the same value at two instants means the same catalog.</summary>
    public static byte[] MarkKey => KeySpace.Prefix(SystemStorage, MarkRows);

    public static byte[] DescriptorKey(uint id) => IdKey(DescriptorRows, id);

    public static byte[] StatisticsKey(uint id) => IdKey(StatisticsRows, id);

    public static byte[] CounterKey(string name) => TextKey(CounterRows, 0, 0, name);

    public static byte[] SettingKey(string name) => TextKey(SettingRows, 0, 0, name);

    public static byte[] NameKey((ObjectKind Kind, uint Parent, string Name) name) => TextKey(NameRows, (byte)name.Kind, name.Parent, name.Name);

    public static string SettingName(ReadOnlySpan<byte> key) => System.Text.Encoding.UTF8.GetString(key[(KeySpace.PrefixLength + 5)..]);

    public static byte[] Encode(Descriptor descriptor)
    {
        object body = descriptor is TypeDescriptor type ? StoredType.From(type) : descriptor;
        var json = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), s_options);
        return [(byte)descriptor.Kind, .. json];
    }

    /// <param name="value">A descriptor's row.</param>
    /// <param name="typeByOid">The user-defined types read so far.</param>
    public static Descriptor Decode(ReadOnlySpan<byte> value, Func<uint, SqlType?> typeByOid)
    {
        var json = value[1..];
        Descriptor? descriptor = (ObjectKind)value[0] switch
        {
            ObjectKind.Database => DecodeBody<DatabaseDescriptor>(json, typeByOid),
            ObjectKind.Schema => DecodeBody<SchemaDescriptor>(json, typeByOid),
            ObjectKind.Table => DecodeBody<TableDescriptor>(json, typeByOid),
            ObjectKind.View => DecodeBody<ViewDescriptor>(json, typeByOid),
            ObjectKind.Sequence => DecodeBody<SequenceDescriptor>(json, typeByOid),
            ObjectKind.Type => DecodeBody<StoredType>(json, typeByOid).ToDescriptor(),
            ObjectKind.Role => DecodeBody<RoleDescriptor>(json, typeByOid),
            _ => null,
        };
        return descriptor ?? throw new SqlException(SqlState.DataCorrupted, "a catalog row has an unknown kind");
    }

    /// <summary>What is no descriptor: statistics, default privileges.</summary>
    public static byte[] EncodeBody<T>(T body) => JsonSerializer.SerializeToUtf8Bytes(body, s_options);

    public static T DecodeBody<T>(ReadOnlySpan<byte> json, Func<uint, SqlType?> typeByOid)
    {
        t_typeByOid = typeByOid;
        try
        {
            return JsonSerializer.Deserialize<T>(json, s_options)!;
        }
        finally
        {
            t_typeByOid = null;
        }
    }

    public static bool IsType(ReadOnlySpan<byte> value) => value[0] == (byte)ObjectKind.Type;

    /// <summary>Numbers and flags are written when they are zero too: what is left out comes back as the property begins, which need not be zero (CONNECTION LIMIT 0, MINVALUE 0, NOT VALID).</summary>
    private static void WriteScalars(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.Set is not null && (property.PropertyType.IsPrimitive || property.PropertyType.IsEnum))
                property.ShouldSerialize = static (_, _) => true;
        }
    }

    private static byte[] IdKey(ushort rows, uint id)
    {
        var key = new byte[KeySpace.PrefixLength + 4];
        KeySpace.Prefix(SystemStorage, rows).CopyTo(key, 0);
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(KeySpace.PrefixLength), id);
        return key;
    }

    private static byte[] TextKey(ushort rows, byte kind, uint parent, string name)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(name);
        var key = new byte[KeySpace.PrefixLength + 5 + text.Length];
        KeySpace.Prefix(SystemStorage, rows).CopyTo(key, 0);
        key[KeySpace.PrefixLength] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(key.AsSpan(KeySpace.PrefixLength + 1), parent);
        text.CopyTo(key, KeySpace.PrefixLength + 5);
        return key;
    }

    /// <summary>A user-defined type: an enum by its labels, a domain, or a composite type.</summary>
    private sealed record StoredType(uint Id, string Name, uint Owner, ImmutableArray<AclEntry> Acl, int Version, string? Comment, uint DatabaseId, uint SchemaId, uint ArrayOid, ImmutableArray<EnumLabel> Labels)
    {
        public StoredDomain? Domain { get; init; }

        public ImmutableArray<CompositeAttribute>? Attributes { get; init; }

        public static StoredType From(TypeDescriptor type) => new(type.Id, type.Name, type.Owner, type.Acl, type.Version, type.Comment, type.DatabaseId, type.SchemaId, type.Type.ArrayOid,
            type.Type is EnumType enumType ? enumType.Labels : [])
        {
            Domain = type.Type is DomainType d ? new StoredDomain(d.BaseType, d.BaseModifier, d.NotNull, d.Default, d.Checks) : null,
            Attributes = (type.Type as CompositeType)?.Attributes,
        };

        public TypeDescriptor ToDescriptor() => new()
        {
            Id = Id, Name = Name, Owner = Owner, Acl = Acl.IsDefault ? [] : Acl, Version = Version, Comment = Comment, DatabaseId = DatabaseId, SchemaId = SchemaId,
            Type = Attributes is { } attributes ? new CompositeType(Id, ArrayOid, Name, attributes) : Domain is { } d ? new DomainType(Id, ArrayOid, Name, d.Base, d.Modifier, d.NotNull, d.Default, d.Checks.IsDefault ? [] : d.Checks) : new EnumType(Id, ArrayOid, Name, Labels.IsDefault ? [] : Labels),
        };
    }

    /// <summary>The base type is older than the domain, so that it is read before.</summary>
    private sealed record StoredDomain(SqlType Base, int Modifier, bool NotNull, string? Default, ImmutableArray<DomainCheck> Checks);

    private sealed class SqlTypeConverter : JsonConverter<SqlType>
    {
        public override SqlType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            t_typeByOid!(reader.GetUInt32()) ?? throw new SqlException(SqlState.DataCorrupted, "a catalog row names a type that does not exist");

        public override void Write(Utf8JsonWriter writer, SqlType value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Oid);

        public override bool CanConvert(Type typeToConvert) => typeof(SqlType).IsAssignableFrom(typeToConvert);
    }
}
