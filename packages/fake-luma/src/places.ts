/** Where generated events take place. Cities, zones and coordinates are real. */
export interface Place {
  city: string;
  region: string | null;
  country: string;
  countryCode: string;
  timezone: string;
  latitude: number;
  longitude: number;
  /** In the script of the place; elsewhere venues are invented. */
  venue?: { name: string; street: string };
}

type Row = [string, string | null, string, string, string, number, number, name?: string, street?: string];

/** Zones with half and three-quarter hours, both hemispheres, and both sides of the date line are among them. */
const ROWS: readonly Row[] = [
  ['San Francisco', 'California', 'United States', 'US', 'America/Los_Angeles', 37.7749, -122.4194],
  ['New York', 'New York', 'United States', 'US', 'America/New_York', 40.7128, -74.006],
  ["St. John's", 'Newfoundland and Labrador', 'Canada', 'CA', 'America/St_Johns', 47.5615, -52.7126],
  ['São Paulo', 'São Paulo', 'Brazil', 'BR', 'America/Sao_Paulo', -23.5505, -46.6333],
  ['Berlin', null, 'Germany', 'DE', 'Europe/Berlin', 52.52, 13.405, 'Werkhalle Süd', 'Ziegelstraße 81'],
  ['London', 'England', 'United Kingdom', 'GB', 'Europe/London', 51.5074, -0.1278],
  ['Nairobi', null, 'Kenya', 'KE', 'Africa/Nairobi', -1.2921, 36.8219],
  ['Cairo', null, 'Egypt', 'EG', 'Africa/Cairo', 30.0444, 31.2357, 'بيت النيل', '١٤ شارع الكورنيش'],
  ['Tel Aviv', null, 'Israel', 'IL', 'Asia/Jerusalem', 32.0853, 34.7818, 'בית המלאכה', 'רחוב התמר 8'],
  ['Bengaluru', 'Karnataka', 'India', 'IN', 'Asia/Kolkata', 12.9716, 77.5946],
  ['Kathmandu', 'Bagmati', 'Nepal', 'NP', 'Asia/Kathmandu', 27.7172, 85.324],
  ['Singapore', null, 'Singapore', 'SG', 'Asia/Singapore', 1.3521, 103.8198],
  ['Tokyo', 'Tokyo', 'Japan', 'JP', 'Asia/Tokyo', 35.6762, 139.6503, '柳町スタジオ', '柳町2-14-3'],
  ['Adelaide', 'South Australia', 'Australia', 'AU', 'Australia/Adelaide', -34.9285, 138.6007],
  ['Auckland', null, 'New Zealand', 'NZ', 'Pacific/Auckland', -36.8509, 174.7645],
  ['Honolulu', 'Hawaii', 'United States', 'US', 'Pacific/Honolulu', 21.3069, -157.8583],
];

export const PLACES: readonly Place[] = ROWS.map(
  ([city, region, country, countryCode, timezone, latitude, longitude, name, street]) => ({
    ...{ city, region, country, countryCode, timezone, latitude, longitude },
    ...(name !== undefined && street !== undefined && { venue: { name, street } }),
  }),
);
